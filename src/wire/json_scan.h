#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "wire/json_value.h"

namespace portolan::wire {

// Bytes [begin, end) of a text.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;

  std::size_t size() const { return end - begin; }
  std::string_view of(std::string_view text) const { return text.substr(begin, end - begin); }

  friend bool operator==(const Range&, const Range&) = default;
};

// One member of an object that was scanned. Offsets count from the start of
// the text that was given; `key` is a view of it.
struct ScannedMember {
  std::string_view key;  // as written, without quotes; it holds no escape
  Range whole;           // from the key's quote to the value's last byte
  Range value;           // strings with their quotes
  JsonKind kind = JsonKind::null;

  // The text of a string without quotes, if it holds no escape; else nothing.
  std::optional<std::string_view> plain_string(std::string_view text) const;
};

// Where the members of one object lie. Keep one and reuse it: its memory stays.
struct ScannedObject {
  Range braces;  // from '{' to behind '}'
  std::vector<ScannedMember> members;

  const ScannedMember* find(std::string_view key) const;
};

// Finds the members of the one JSON object that `text` is, and refuses what is
// not wholly valid: every byte is checked, also within values that nobody will
// look at. Needs no padding behind the text.
//
// Faults: malformed_json (RFC 8259 grammar, UTF-8, lone surrogates, bytes
// behind the object, no object, deeper than json_depth_max), escaped_key (a
// backslash in one of this object's own keys: two readers might take it for
// two different keys), repeated_key, invalid_parameter (members_max). In objects
// further down keys may be escaped or repeated: nobody here reads them.
Status scan_object(std::string_view text, ScannedObject& object);

// The same for the object that is the value at `range` of `text`, which is
// scanned already: one level deeper. Offsets still count from `text`.
Status scan_object_at(std::string_view text, Range range, ScannedObject& object);

inline constexpr Limit members_max{"members_max", 256, "members of a body that are looked at"};

}  // namespace portolan::wire
