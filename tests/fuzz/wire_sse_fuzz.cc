// Event streams of any bytes: cut at the same places however they arrive, and
// an event's payload survives being rendered and read again.
//
// The first byte is the size of the pieces that the rest arrives in.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "wire/sse.h"

namespace {

using namespace portolan;
using namespace portolan::wire;

std::vector<std::string_view> split(std::string_view text, std::size_t size) {
  SseSplitter splitter;
  std::vector<std::string_view> events;
  std::size_t consumed = 0;
  for (std::size_t known = 0; known < text.size();) {
    known = std::min(known + size, text.size());
    while (true) {
      const auto rest = text.substr(consumed, known - consumed);
      const auto end = known < text.size() ? splitter.next(rest) : splitter.last(rest);
      if (!end) {
        return events;
      }
      if (*end == 0) {
        break;
      }
      events.push_back(rest.substr(0, *end));
      consumed += *end;
    }
  }
  return events;
}

void check_event(std::string_view event) {
  std::string joined;
  const auto read = parse_event(event, joined);
  if (!read.has_data) {
    return;
  }
  std::string rendered;
  render_event(rendered, read);
  check(split(rendered, rendered.size()).size() == 1, "an event is rendered as one");
  std::string joined_again;
  const auto again = parse_event(rendered, joined_again);
  check(again.data == read.data && again.type == read.type, "an event reads back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = split(text, text.size());
  check(whole == split(text, data[0] + std::size_t{1}), "events end where they end");
  for (const auto event : whole) {
    check_event(event);
  }
  return 0;
}
