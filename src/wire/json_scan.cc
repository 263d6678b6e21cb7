#include "wire/json_scan.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "wire/json_scanner.h"

namespace portolan::wire {
namespace {

JsonKind kind_of(char first) {
  switch (first) {
    case '{':
      return JsonKind::object;
    case '[':
      return JsonKind::array;
    case '"':
      return JsonKind::string;
    case 't':
    case 'f':
      return JsonKind::boolean;
    case 'n':
      return JsonKind::null;
    default:
      return JsonKind::number;
  }
}

Fault malformed(const JsonScanner& scanner) {
  return {.code = Code::malformed_json,
          .message = fmt::format("The body is not valid JSON at byte {}.", scanner.at())};
}

Status scan_member(std::string_view text, JsonScanner& scanner, ScannedObject& object) {
  ScannedMember member;
  bool escaped = false;
  member.whole.begin = scanner.at();
  if (!scanner.skip_string(escaped)) {
    return malformed(scanner);
  }
  member.key = text.substr(member.whole.begin + 1, scanner.at() - member.whole.begin - 2);
  if (escaped) {
    return Fault{.code = Code::escaped_key,
                 .message = fmt::format("The key \"{}\" is written with a backslash; write it "
                                        "plainly.",
                                        member.key)};
  }
  if (object.find(member.key) != nullptr) {
    return Fault{.code = Code::repeated_key,
                 .message = fmt::format("The key \"{}\" comes twice in one object.", member.key)};
  }
  if (object.members.size() == members_max.count()) {
    return Fault{.code = Code::invalid_parameter,
                 .message = fmt::format("The object has more than {} members (members_max).",
                                        members_max.value)};
  }
  scanner.skip_space();
  if (!scanner.skip(':')) {
    return malformed(scanner);
  }
  scanner.skip_space();
  member.value.begin = scanner.at();
  member.kind = kind_of(scanner.peek());
  if (!scanner.skip_value(json_depth_max - 1)) {
    return malformed(scanner);
  }
  member.value.end = member.whole.end = scanner.at();
  object.members.push_back(member);
  return {};
}

}  // namespace

std::optional<std::string_view> ScannedMember::plain_string(std::string_view text) const {
  if (kind != JsonKind::string) {
    return std::nullopt;
  }
  const auto quoted = value.of(text);
  const auto inner = quoted.substr(1, quoted.size() - 2);
  return inner.contains('\\') ? std::nullopt : std::optional(inner);
}

const ScannedMember* ScannedObject::find(std::string_view key) const {
  const auto found = std::ranges::find(members, key, &ScannedMember::key);
  return found == members.end() ? nullptr : &*found;
}

Status scan_object_at(std::string_view text, Range range, ScannedObject& object) {
  object.members.clear();
  JsonScanner scanner(text, range.begin, range.end);
  scanner.skip_space();
  object.braces.begin = scanner.at();
  if (!scanner.skip('{')) {
    return Fault{.code = Code::malformed_json, .message = "The body is not a JSON object."};
  }
  scanner.skip_space();
  if (!scanner.skip('}')) {
    do {
      scanner.skip_space();
      TRY_DO(scan_member(text, scanner, object));
      scanner.skip_space();
    } while (scanner.skip(','));
    if (!scanner.skip('}')) {
      return malformed(scanner);
    }
  }
  object.braces.end = scanner.at();
  scanner.skip_space();
  if (!scanner.at_end()) {
    return malformed(scanner);
  }
  return {};
}

Status scan_object(std::string_view text, ScannedObject& object) {
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    return Fault{.code = Code::malformed_json, .message = "The body is not valid UTF-8."};
  }
  return scan_object_at(text, {.begin = 0, .end = text.size()}, object);
}

}  // namespace portolan::wire
