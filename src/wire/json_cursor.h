#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/json_value.h"

namespace portolan::wire {

// A place in a JSON document, for reading what must have a certain shape. Every
// fault names the place: "spec.engines[0].url: expected a string, found a
// number".
//
// Two pointers and a code: copy it freely, as long as the document lives and is
// not changed. The path is looked up only when a fault is made.
class JsonCursor {
 public:
  // `blame` is the code of its faults: invalid_resource, bad_configuration,
  // invalid_parameter, malformed_peer.
  JsonCursor(const Json& root, Code blame) : root_(&root), here_(&root), blame_(blame) {}
  JsonCursor(const Json&& root, Code blame) = delete;

  const Json& value() const { return *here_; }
  bool is_null() const { return here_->kind() == JsonKind::null; }

  // This value as that type.
  Result<bool> boolean() const;
  Result<std::int64_t> integer() const;
  Result<std::uint64_t> count() const;  // a whole number, not negative
  Result<double> number() const;
  Result<std::string_view> text() const;  // lives as long as the document
  Result<std::vector<JsonCursor>> elements() const;
  struct Named;
  Result<std::vector<Named>> members() const;

  // A member that must be there.
  Result<JsonCursor> member(std::string_view name) const;
  Result<bool> boolean(std::string_view name) const;
  Result<std::int64_t> integer(std::string_view name) const;
  Result<std::uint64_t> count(std::string_view name) const;
  Result<double> number(std::string_view name) const;
  Result<std::string_view> text(std::string_view name) const;
  Result<std::vector<JsonCursor>> elements(std::string_view name) const;
  Result<std::vector<std::string>> texts(std::string_view name) const;  // an array of strings

  // A member that may be missing or null.
  std::optional<JsonCursor> find(std::string_view name) const;
  Result<bool> boolean_or(std::string_view name, bool otherwise) const;
  Result<std::int64_t> integer_or(std::string_view name, std::int64_t otherwise) const;
  Result<std::uint64_t> count_or(std::string_view name, std::uint64_t otherwise) const;
  Result<double> number_or(std::string_view name, double otherwise) const;
  Result<std::string_view> text_or(std::string_view name, std::string_view otherwise) const;
  Result<std::vector<std::string>> texts_or_none(std::string_view name) const;

  // A fault when this is no object or has a member of another name: a
  // misspelt one must not be ignored.
  Status only(std::initializer_list<std::string_view> names) const;

  // "spec.engines[0].url"; empty at the root.
  std::string path() const;

  // A fault about this place: "<path>: <what>".
  Fault fault(std::string_view what) const;

 private:
  JsonCursor at(const Json& there) const;
  Fault expected(std::string_view what) const;

  const Json* root_;
  const Json* here_;
  Code blame_;
};

struct JsonCursor::Named {
  std::string_view name;
  JsonCursor value;
};

}  // namespace portolan::wire
