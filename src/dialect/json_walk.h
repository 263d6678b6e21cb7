#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "wire/json_scan.h"

namespace portolan::dialect {

// Walks the members of an object, or the elements of an array, one level deep,
// in text that wire::scan_object has found valid: nothing is checked again.
//
//   for (JsonWalk walk(text, range); walk.next();) { use(walk.key(), walk.value()); }
//
// A value on the stack. A range that is neither object nor array has nothing in it.
class JsonWalk {
 public:
  JsonWalk(std::string_view text, wire::Range container);

  bool next();
  std::string_view key() const { return key_; }  // as written; of an object
  wire::Range value() const { return value_; }
  std::string_view text() const { return value_.of(text_); }

 private:
  void skip_space();
  void skip_string();
  void skip_value();
  void skip_container();

  std::string_view text_;
  std::size_t at_;
  std::size_t end_;  // of what lies between the brackets
  bool object_ = false;
  std::string_view key_;
  wire::Range value_;
};

// The member of that key in the object at `object`, or nothing.
std::optional<wire::Range> find_value(std::string_view text, wire::Range object,
                                      std::string_view key);

// A whole number that is not negative, or nothing.
std::optional<std::uint64_t> whole_number(std::string_view json);

// The same of a member.
std::optional<std::uint64_t> find_number(std::string_view text, wire::Range object,
                                         std::string_view key);

}  // namespace portolan::dialect
