#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/keyring.h"
#include "wire/json_value.h"
#include "world/shape.h"
#include "world/time_text.h"

namespace portolan::world {

// Writes the fields of a shape as members of one JSON object.
class FieldWriter {
 public:
  wire::Json take() { return std::exchange(object_, wire::Json::object()); }

  void text(std::string_view name, const std::string& value, Need need = Need::optional);
  void text_or(std::string_view name, const std::string& value, std::string_view fallback);
  void texts(std::string_view name, const std::vector<std::string>& values,
             Need need = Need::optional);
  void labels(std::string_view name, const std::map<std::string, std::string>& labels);
  void number(std::string_view name, double value);
  void money(std::string_view name, model::Money value);
  void whole(std::string_view name, std::uint64_t value);
  void whole_or(std::string_view name, std::uint64_t value, std::uint64_t fallback);
  void flag(std::string_view name, bool value);
  void date_or(std::string_view name, WallTime value, WallTime fallback);
  void duration_or(std::string_view name, Duration value, Duration fallback);
  void digest(std::string_view name, const model::KeyDigest& value);
  bool either(std::string_view, std::string_view, bool is_first) { return is_first; }

  template <class Whole>
  void maybe_whole(std::string_view name, const std::optional<Whole>& value) {
    if (value) whole(name, *value);
  }
  template <class Tag, class Whole>
  void maybe_whole(std::string_view name, const std::optional<Strong<Tag, Whole>>& value) {
    if (value) whole(name, value->value);
  }
  void maybe_flag(std::string_view name, const std::optional<bool>& value) {
    if (value) put(name, *value);
  }

  template <class Enum>
  void choice(std::string_view name, Enum value, std::span<const std::string_view> names) {
    text_or(name, std::string(names[static_cast<std::size_t>(value)]), names.front());
  }

  template <class T>
  void object(std::string_view name, T& value, Need need = Need::optional) {
    FieldWriter inner;
    describe(inner, value);
    auto json = inner.take();
    if (need == Need::required || !json.as_object()->empty()) put(name, std::move(json));
  }

  template <class T>
  void maybe(std::string_view name, std::optional<T>& value) {
    if (value) object(name, *value, Need::required);
  }

  template <class T>
  void list(std::string_view name, std::vector<T>& values, Need need = Need::optional) {
    if (values.empty() && need == Need::optional) return;
    auto array = wire::Json::array();
    for (T& value : values) {
      FieldWriter inner;
      describe(inner, value);
      array.push(inner.take());
    }
    put(name, std::move(array));
  }

 private:
  void put(std::string_view name, wire::Json value) {
    object_.set(std::string(name), std::move(value));
  }

  wire::Json object_ = wire::Json::object();
};

}  // namespace portolan::world
