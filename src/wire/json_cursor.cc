#include "wire/json_cursor.h"

#include <fmt/format.h>

#include <algorithm>

namespace portolan::wire {
namespace {

// The way from `from` to `target` as ".a[0].b", or nothing. Walks the whole
// tree: only a fault asks for it.
std::optional<std::string> way_to(const Json& from, const Json* target) {
  if (&from == target) {
    return "";
  }
  if (const auto* elements = from.as_array()) {
    for (std::size_t i = 0; i < elements->size(); ++i) {
      if (auto way = way_to((*elements)[i], target)) {
        return fmt::format("[{}]{}", i, *way);
      }
    }
  } else if (const auto* members = from.as_object()) {
    for (const auto& [name, value] : *members) {
      if (auto way = way_to(value, target)) {
        return fmt::format(".{}{}", name, *way);
      }
    }
  }
  return std::nullopt;
}

}  // namespace

JsonCursor JsonCursor::at(const Json& there) const {
  JsonCursor moved = *this;
  moved.here_ = &there;
  return moved;
}

std::string JsonCursor::path() const {
  auto way = way_to(*root_, here_).value_or("");
  if (way.starts_with('.')) {
    way.erase(0, 1);
  }
  return way;
}

Fault JsonCursor::fault(std::string_view what) const {
  const auto place = path();
  return {.code = blame_,
          .message = place.empty() ? std::string(what) : fmt::format("{}: {}", place, what)};
}

Fault JsonCursor::expected(std::string_view what) const {
  return fault(fmt::format("expected {}, found {}", what, name_of(here_->kind())));
}

Result<bool> JsonCursor::boolean() const {
  if (const auto* truth = here_->as_bool()) {
    return *truth;
  }
  return expected("a boolean");
}

Result<std::int64_t> JsonCursor::integer() const {
  if (const auto whole = here_->as_int64()) {
    return *whole;
  }
  return here_->kind() == JsonKind::number ? fault("expected a whole number in 64 bits")
                                           : expected("a whole number");
}

Result<std::uint64_t> JsonCursor::count() const {
  if (const auto whole = here_->as_uint64()) {
    return *whole;
  }
  return here_->kind() == JsonKind::number ? fault("expected a whole number from 0")
                                           : expected("a whole number");
}

Result<double> JsonCursor::number() const {
  if (const auto any = here_->as_double()) {
    return *any;
  }
  return expected("a number");
}

Result<std::string_view> JsonCursor::text() const {
  if (const auto* string = here_->as_string()) {
    return std::string_view(*string);
  }
  return expected("a string");
}

Result<std::vector<JsonCursor>> JsonCursor::elements() const {
  const auto* array = here_->as_array();
  if (array == nullptr) {
    return expected("an array");
  }
  std::vector<JsonCursor> cursors;
  cursors.reserve(array->size());
  for (const Json& element : *array) {
    cursors.push_back(at(element));
  }
  return cursors;
}

Result<std::vector<JsonCursor::Named>> JsonCursor::members() const {
  const auto* object = here_->as_object();
  if (object == nullptr) {
    return expected("an object");
  }
  std::vector<Named> named;
  named.reserve(object->size());
  for (const auto& [name, value] : *object) {
    named.push_back({.name = name, .value = at(value)});
  }
  return named;
}

Result<JsonCursor> JsonCursor::member(std::string_view name) const {
  if (here_->kind() != JsonKind::object) {
    return expected("an object");
  }
  if (const Json* found = here_->find(name)) {
    return at(*found);
  }
  return fault(fmt::format("the member '{}' is missing", name));
}

Result<bool> JsonCursor::boolean(std::string_view name) const {
  TRY(const auto found, member(name));
  return found.boolean();
}

Result<std::int64_t> JsonCursor::integer(std::string_view name) const {
  TRY(const auto found, member(name));
  return found.integer();
}

Result<std::uint64_t> JsonCursor::count(std::string_view name) const {
  TRY(const auto found, member(name));
  return found.count();
}

Result<double> JsonCursor::number(std::string_view name) const {
  TRY(const auto found, member(name));
  return found.number();
}

Result<std::string_view> JsonCursor::text(std::string_view name) const {
  TRY(const auto found, member(name));
  return found.text();
}

Result<std::vector<JsonCursor>> JsonCursor::elements(std::string_view name) const {
  TRY(const auto found, member(name));
  return found.elements();
}

Result<std::vector<std::string>> JsonCursor::texts(std::string_view name) const {
  TRY(const auto cursors, elements(name));
  std::vector<std::string> strings;
  strings.reserve(cursors.size());
  for (const JsonCursor& cursor : cursors) {
    TRY(const auto string, cursor.text());
    strings.emplace_back(string);
  }
  return strings;
}

std::optional<JsonCursor> JsonCursor::find(std::string_view name) const {
  const Json* found = here_->find(name);
  if (found == nullptr || found->kind() == JsonKind::null) {
    return std::nullopt;
  }
  return at(*found);
}

Result<bool> JsonCursor::boolean_or(std::string_view name, bool otherwise) const {
  const auto found = find(name);
  return found ? found->boolean() : otherwise;
}

Result<std::int64_t> JsonCursor::integer_or(std::string_view name, std::int64_t otherwise) const {
  const auto found = find(name);
  return found ? found->integer() : otherwise;
}

Result<std::uint64_t> JsonCursor::count_or(std::string_view name, std::uint64_t otherwise) const {
  const auto found = find(name);
  return found ? found->count() : otherwise;
}

Result<double> JsonCursor::number_or(std::string_view name, double otherwise) const {
  const auto found = find(name);
  return found ? found->number() : otherwise;
}

Result<std::string_view> JsonCursor::text_or(std::string_view name,
                                             std::string_view otherwise) const {
  const auto found = find(name);
  return found ? found->text() : otherwise;
}

Result<std::vector<std::string>> JsonCursor::texts_or_none(std::string_view name) const {
  return find(name) ? texts(name) : std::vector<std::string>{};
}

Status JsonCursor::only(std::initializer_list<std::string_view> names) const {
  TRY(const auto present, members());
  for (const Named& named : present) {
    if (std::ranges::count(names, named.name) == 0) {
      return fault(fmt::format("there is no member '{}' here; known are: {}", named.name,
                               fmt::join(names, ", ")));
    }
  }
  return {};
}

}  // namespace portolan::wire
