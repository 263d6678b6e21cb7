// Heads and chunked bodies of any bytes: read the same whole and in two halves,
// and what was read can be sent on and is read the same again.
//
// The first byte chooses where the rest is cut.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "wire/chunked.h"
#include "wire/http_head.h"
#include "wire/http_render.h"

namespace {

using namespace portolan;
using namespace portolan::wire;

template <class Head, class Parse>
std::size_t read_both_ways(std::string_view text, std::size_t cut, Head& head, Parse parse) {
  const auto whole = parse(text, head);
  Head other;
  auto halves = parse(text.substr(0, cut), other);
  if (halves && *halves == 0) {
    halves = parse(text, other);
  }
  check(whole.has_value() == halves.has_value(), "a head is refused whole and in halves");
  if (!whole) {
    check(whole.error().code == halves.error().code, "by the same code");
    return 0;
  }
  check(*whole == *halves && *whole <= text.size(), "a head ends where it ends");
  check(head.framing == other.framing && head.keep_alive == other.keep_alive);
  return *whole;
}

std::vector<Field> fields_of(const Fields& fields) {
  std::vector<Field> kept;
  for (const Field field : fields) {
    bool made = equal_ignoring_case(field.name, "host");
    for (const auto* name : {"content-length", "transfer-encoding", "connection"}) {
      made = made || equal_ignoring_case(field.name, name);
    }
    if (!made) {
      kept.push_back(field);
    }
  }
  return kept;
}

void check_request(std::string_view text, std::size_t cut) {
  RequestHead head;
  if (read_both_ways(text, cut, head, parse_request_head) == 0) {
    return;
  }
  check(!head.path.empty(), "every request has a path");
  const auto fields = fields_of(head.fields);
  std::string sent;
  render_request_head(sent, {.method = head.method,
                             .target = head.target,
                             .host = head.host,
                             .framing = head.framing,
                             .keep_alive = head.keep_alive,
                             .fields = fields});
  RequestHead again;
  const auto end = parse_request_head(sent, again);
  if (!end) {
    check(end.error().code == Code::head_too_large, "only what we add makes a head too large");
    return;
  }
  check(*end == sent.size() && again.framing == head.framing && again.path == head.path &&
            again.host == head.host,
        "what is sent on reads the same");
}

void check_response(std::string_view text, std::size_t cut) {
  ResponseHead head;
  read_both_ways(text, cut, head, [](std::string_view bytes, ResponseHead& into) {
    return parse_response_head(bytes, "POST", into);
  });
}

struct Decoded {
  std::string body;
  bool done = false;
  bool refused = false;

  friend bool operator==(const Decoded&, const Decoded&) = default;
};

Decoded decode(std::initializer_list<std::string_view> parts) {
  ChunkedDecoder decoder(Code::malformed_request);
  Decoded decoded;
  for (auto part : parts) {
    while (!decoded.done && !decoded.refused) {
      const auto step = decoder.next(part);
      decoded.refused = !step;
      if (!step || (step->consumed == 0 && !step->done)) {
        break;
      }
      decoded.body += step->data;
      decoded.done = step->done;
      part.remove_prefix(step->consumed);
    }
  }
  return decoded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto cut = text.size() * data[0] / 255;
  check_request(text, cut);
  check_response(text, cut);
  check(decode({text}) == decode({text.substr(0, cut), text.substr(cut)}),
        "chunks are cut the same however they arrive");
  return 0;
}
