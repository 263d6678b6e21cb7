#include "wire/json_value.h"

#include <algorithm>
#include <functional>

#include "base/check.h"

namespace portolan::wire {
namespace {

// Where a member of that name is, or would be put.
template <class Members>
auto place_of(Members& members, std::string_view name) {
  return std::ranges::lower_bound(members, name, std::less<>(), &Json::Member::name);
}

// Among doubles, 2^63 is the first beyond int64; exact comparisons are meant.
constexpr double beyond_int64 = 0x1p63;
constexpr double beyond_uint64 = 0x1p64;

}  // namespace

std::string_view name_of(JsonKind kind) {
  switch (kind) {
    case JsonKind::null:
      return "null";
    case JsonKind::boolean:
      return "a boolean";
    case JsonKind::number:
      return "a number";
    case JsonKind::string:
      return "a string";
    case JsonKind::array:
      return "an array";
    case JsonKind::object:
      return "an object";
  }
  check(false, "every kind has a name");
  return {};
}

Json::Json() = default;
Json::Json(std::nullptr_t) {}
Json::Json(Truth truth) : value_(truth.value) {}
Json::Json(Whole whole) {
  if (whole.negative || whole.bits <= INT64_MAX) {
    value_ = static_cast<std::int64_t>(whole.bits);
  } else {
    value_ = whole.bits;
  }
}
Json::Json(double number) : value_(number) {}
Json::Json(const char* text) : value_(std::string(text)) {}
Json::Json(std::string_view text) : value_(std::string(text)) {}
Json::Json(std::string text) : value_(std::move(text)) {}
Json::Json(Array elements) : value_(std::move(elements)) {}
Json::Json(Object members) : value_(std::move(members)) {}

Json::Json(const Json& other) = default;
Json::Json(Json&& other) noexcept = default;
Json& Json::operator=(const Json& other) = default;
Json& Json::operator=(Json&& other) noexcept = default;
Json::~Json() = default;

Json Json::array() { return Json(Array{}); }
Json Json::object() { return Json(Object{}); }

std::optional<Json> Json::object_of(Object members) {
  std::ranges::sort(members, std::less<>(), &Member::name);
  const auto twice = std::ranges::adjacent_find(members, std::equal_to<>(),
                                                [](const Member& m) -> auto& { return m.name; });
  if (twice != members.end()) {
    return std::nullopt;
  }
  return Json(std::move(members));
}

JsonKind Json::kind() const {
  constexpr JsonKind kinds[] = {JsonKind::null,   JsonKind::boolean, JsonKind::number,
                                JsonKind::number, JsonKind::number,  JsonKind::string,
                                JsonKind::array,  JsonKind::object};
  return kinds[value_.index()];
}

std::optional<std::int64_t> Json::as_int64() const {
  if (const auto* whole = std::get_if<std::int64_t>(&value_)) {
    return *whole;
  }
  const auto* number = std::get_if<double>(&value_);
  if (number != nullptr && *number >= -beyond_int64 && *number < beyond_int64 &&
      static_cast<double>(static_cast<std::int64_t>(*number)) == *number) {
    return static_cast<std::int64_t>(*number);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> Json::as_uint64() const {
  if (const auto* whole = std::get_if<std::uint64_t>(&value_)) {
    return *whole;
  }
  if (const auto* whole = std::get_if<std::int64_t>(&value_); whole != nullptr && *whole >= 0) {
    return static_cast<std::uint64_t>(*whole);
  }
  const auto* number = std::get_if<double>(&value_);
  if (number != nullptr && *number >= 0 && *number < beyond_uint64 &&
      static_cast<double>(static_cast<std::uint64_t>(*number)) == *number) {
    return static_cast<std::uint64_t>(*number);
  }
  return std::nullopt;
}

std::optional<double> Json::as_double() const {
  if (const auto* number = std::get_if<double>(&value_)) {
    return *number;
  }
  if (const auto* whole = std::get_if<std::int64_t>(&value_)) {
    return static_cast<double>(*whole);
  }
  if (const auto* whole = std::get_if<std::uint64_t>(&value_)) {
    return static_cast<double>(*whole);
  }
  return std::nullopt;
}

const Json* Json::find(std::string_view name) const {
  const auto* members = as_object();
  if (members == nullptr) {
    return nullptr;
  }
  const auto place = place_of(*members, name);
  return place != members->end() && place->name == name ? &place->value : nullptr;
}

Json* Json::find(std::string_view name) {
  return const_cast<Json*>(std::as_const(*this).find(name));
}

Json& Json::set(std::string name, Json value) {
  auto* members = std::get_if<Object>(&value_);
  check(members != nullptr, "only an object has members");
  const auto place = place_of(*members, name);
  if (place != members->end() && place->name == name) {
    place->value = std::move(value);
  } else {
    members->insert(place, Member{.name = std::move(name), .value = std::move(value)});
  }
  return *this;
}

bool Json::erase(std::string_view name) {
  auto* members = std::get_if<Object>(&value_);
  if (members == nullptr) {
    return false;
  }
  const auto place = place_of(*members, name);
  if (place == members->end() || place->name != name) {
    return false;
  }
  members->erase(place);
  return true;
}

Json& Json::push(Json value) {
  auto* elements = std::get_if<Array>(&value_);
  check(elements != nullptr, "only an array has elements");
  elements->push_back(std::move(value));
  return *this;
}

bool operator==(const Json& first, const Json& other) { return first.value_ == other.value_; }

}  // namespace portolan::wire
