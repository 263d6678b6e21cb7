// Frames of any bytes: read the same whole and in two halves, rendered back to
// the bytes they were read from; payloads that are understood read back too.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "wire/frame.h"
#include "wire/frame_payload.h"

namespace {

using namespace portolan;
using namespace portolan::wire;

void check_payloads(std::string_view payload) {
  if (const auto usage = parse_usage(payload)) {
    std::string text;
    render_usage(text, *usage);
    check(parse_usage(text).value() == *usage, "usage reads back");
  }
  if (const auto fault = parse_fault(payload)) {
    std::string text;
    render_fault(text, *fault);
    check(parse_fault(text).value() == *fault, "a fault reads back");
  }
}

void check_frame(std::string_view text, const Frame& frame) {
  check(frame.consumed <= text.size() &&
        frame.payload.size() + frame_header_bytes == frame.consumed);
  std::string rendered;
  render_frame(rendered, frame.kind, frame.payload);
  rendered[6] = static_cast<char>(frame.minor);
  check(rendered == text.substr(0, frame.consumed), "a frame is rendered as it was read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  check_payloads(text);
  while (true) {
    const auto whole = parse_frame(text);
    const auto half = parse_frame(text.substr(0, text.size() / 2));
    check(half || !whole, "a frame refused early is refused");
    if (!whole || !*whole) {
      check(!half || !*half, "no frame is read before it is whole");
      return 0;
    }
    check_frame(text, **whole);
    check_payloads((*whole)->payload);
    text.remove_prefix((*whole)->consumed);
  }
}
