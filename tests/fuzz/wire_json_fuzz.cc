// JSON of any bytes: the scan accepts exactly what simdjson's DOM accepts, what
// is scanned can be spliced, and canonical JSON reads back as what it was.

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "wire/json_scan.h"
#include "wire/json_value.h"
#include "wire/json_writer.h"
#include "wire/splice.h"

namespace {

using namespace portolan;
using namespace portolan::wire;

// SUCCESS only for one object.
simdjson::error_code read_by_dom(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (const auto error = parser.allocate(text.size() + 1, json_depth_max)) {
    return error;
  }
  return parser.parse(text.data(), text.size()).get(object);
}

void check_splice(std::string_view text, const ScannedObject& object) {
  for (const ScannedMember& member : object.members) {
    check(text[member.whole.begin] == '"' && member.value.end == member.whole.end);
    ObjectEdit edit(object);
    edit.remove(member);
    edit.append("\x01 new", "[]");
    Splice splice(text);
    edit.apply_to(splice);
    splice.finish();
    const auto spliced = splice.joined();
    check(spliced.size() == splice.length());
    ScannedObject again;
    const auto status = scan_object(spliced, again);
    check(!status && status.error().code == Code::escaped_key, "only the new key is escaped");
  }
}

void check_scan(std::string_view text) {
  ScannedObject object;
  const auto status = scan_object(text, object);
  const auto error = read_by_dom(text);
  if (status) {
    // The DOM has no room for numbers beyond 64 bits; they are valid all the same.
    check(error == simdjson::SUCCESS || error == simdjson::NUMBER_ERROR, "the DOM accepts it");
    if (object.members.size() <= 8) {
      check_splice(text, object);
    }
  } else if (status.error().code == Code::malformed_json) {
    check(error != simdjson::SUCCESS, "what the DOM accepts is well formed");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_scan(text);
  if (const auto json = parse_json(text)) {
    const auto canonical = render_canonical(*json);
    const auto again = parse_json(canonical);
    check(again.has_value() && render_canonical(*again) == canonical, "canonical stays canonical");
    check(parse_json(render_pretty(*json)).has_value(), "pretty is JSON too");
  }
  std::string quoted;
  append_json_string(quoted, text);
  check(parse_json(quoted).has_value(), "any bytes become a string");
  return 0;
}
