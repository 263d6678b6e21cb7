#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "base/result.h"
#include "model/keyring.h"
#include "wire/json_value.h"
#include "world/shape.h"

namespace portolan::world {

// Reads the fields of a shape from one JSON object of another process. Members
// that nobody asks for are skipped: a newer minor version put them there. The
// first thing that is wrong ends as a Fault malformed_peer, naming the member;
// what is read after it has no meaning.
class FieldReader {
 public:
  // `path` is how sentences call the object.
  FieldReader(const wire::Json& object, std::string path);

  Status status() const;

  void text(std::string_view name, std::string& into, Need need = Need::optional);
  void text_or(std::string_view name, std::string& into, std::string_view fallback);
  void texts(std::string_view name, std::vector<std::string>& into, Need need = Need::optional);
  void labels(std::string_view name, std::map<std::string, std::string>& into);
  void number(std::string_view name, double& into);
  void money(std::string_view name, model::Money& into);
  void flag(std::string_view name, bool& into);
  void date_or(std::string_view name, WallTime& into, WallTime fallback);
  void duration_or(std::string_view name, Duration& into, Duration fallback);
  void digest(std::string_view name, model::KeyDigest& into);
  bool either(std::string_view first, std::string_view other, bool is_first);

  template <class Whole>
  void whole(std::string_view name, Whole& into) {
    if (const auto* json = find(name, Need::required)) read_whole(name, *json, into);
  }

  template <class Whole>
  void whole_or(std::string_view name, Whole& into, std::type_identity_t<Whole> fallback) {
    into = fallback;
    if (const auto* json = find(name, Need::optional)) read_whole(name, *json, into);
  }

  // Nothing when it is not there: nobody knows it.
  template <class Whole>
  void maybe_whole(std::string_view name, std::optional<Whole>& into) {
    if (const auto* json = find(name, Need::optional)) read_whole(name, *json, into.emplace());
  }
  template <class Tag, class Whole>
  void maybe_whole(std::string_view name, std::optional<Strong<Tag, Whole>>& into) {
    if (const auto* json = find(name, Need::optional)) {
      read_whole(name, *json, into.emplace().value);
    }
  }
  void maybe_flag(std::string_view name, std::optional<bool>& into) {
    if (find(name, Need::optional)) flag(name, into.emplace());
  }

  template <class Enum>
  void choice(std::string_view name, Enum& into, std::span<const std::string_view> names) {
    std::string found(names.front());
    text(name, found);
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == found) {
        into = static_cast<Enum>(i);
        return;
      }
    }
    fail(name, "has a value that is not known");
  }

  template <class T>
  void object(std::string_view name, T& into, Need need = Need::optional) {
    const auto* json = find(name, need);
    if (!json) return;
    FieldReader inner(*json, path_of(name));
    describe(inner, into);
    adopt(inner);
  }

  template <class T>
  void maybe(std::string_view name, std::optional<T>& into) {
    if (find(name, Need::optional)) object(name, into.emplace());
  }

  template <class T>
  void list(std::string_view name, std::vector<T>& into, Need need = Need::optional) {
    list_with(name, into, need, [](FieldReader& inner, T& item) { describe(inner, item); });
  }

  // The same, with another description of an item.
  template <class T, class Describe>
  void list_with(std::string_view name, std::vector<T>& into, Need need, Describe describe_item) {
    const auto* array = find_array(name, need);
    if (!array) return;
    into.reserve(array->size());
    for (const auto& json : *array) {
      FieldReader inner(json, path_of(name) + "[]");
      describe_item(inner, into.emplace_back());
      adopt(inner);
      if (fault_) return;
    }
  }

 private:
  const wire::Json* find(std::string_view name, Need need);
  const wire::Json::Array* find_array(std::string_view name, Need need);
  void fail(std::string_view name, std::string_view why);
  void adopt(const FieldReader& inner);
  std::string path_of(std::string_view name) const;

  template <class Whole>
  void read_whole(std::string_view name, const wire::Json& json, Whole& into) {
    const auto value = json.as_uint64();
    if (!value || *value > std::numeric_limits<Whole>::max()) {
      fail(name, "is no whole number, or too large a one");
    } else {
      into = static_cast<Whole>(*value);
    }
  }

  const wire::Json* object_;
  std::string path_;
  std::optional<Fault> fault_;
};

}  // namespace portolan::world
