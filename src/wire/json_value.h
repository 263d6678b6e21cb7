#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace portolan::wire {

enum class JsonKind : std::uint8_t { null, boolean, number, string, array, object };

// "a string", "an object": for sentences.
std::string_view name_of(JsonKind kind);

// A JSON value. Copies, compares; for configuration, answers of peers and
// whatever is not on the path of a request's body (that is json_scan.h).
//
// Members of an object are kept sorted by the bytes of their names and are
// unique. An integer is exact from -2^63 to 2^64-1; any number written with a
// fraction or exponent is a double. 1 and 1.0 are different values.
class Json {
 public:
  struct Member;
  using Array = std::vector<Json>;
  using Object = std::vector<Member>;

  Json();  // null
  Json(std::nullptr_t);
  Json(std::same_as<bool> auto truth) : Json(Truth{truth}) {}
  template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>)
  Json(T integer) : Json(Whole{integer < 0, static_cast<std::uint64_t>(integer)}) {}
  Json(double number);
  Json(const char* text);
  Json(std::string_view text);
  Json(std::string text);
  Json(Array elements);

  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(const Json& other);
  Json& operator=(Json&& other) noexcept;
  ~Json();

  static Json array();
  static Json object();

  JsonKind kind() const;

  // The value as that type, or null when it is of another. A number without a
  // fraction that fits is found by as_int64 and as_uint64, also when it was
  // written as 1.0 or 1e3; as_double finds any number.
  const bool* as_bool() const { return std::get_if<bool>(&value_); }
  const std::string* as_string() const { return std::get_if<std::string>(&value_); }
  const Array* as_array() const { return std::get_if<Array>(&value_); }
  const Object* as_object() const { return std::get_if<Object>(&value_); }
  std::optional<std::int64_t> as_int64() const;
  std::optional<std::uint64_t> as_uint64() const;
  std::optional<double> as_double() const;

  // The member of that name, or null, also when this is no object.
  const Json* find(std::string_view name) const;
  Json* find(std::string_view name);

  // Puts a member in, or another value in its place. Only for an object.
  // Returns this object.
  Json& set(std::string name, Json value);

  // Whether there was such a member.
  bool erase(std::string_view name);

  // Adds an element at the end. Only for an array. Returns this array.
  Json& push(Json value);

  friend bool operator==(const Json& first, const Json& other);

  // Of members in any order; nothing when a name comes twice.
  static std::optional<Json> object_of(Object members);

 private:
  struct Truth {
    bool value;
  };
  struct Whole {
    bool negative;
    std::uint64_t bits;  // two's complement
  };
  // A whole number is an int64 if it fits, so that equal numbers are equal.
  using Value = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string,
                             Array, Object>;

  explicit Json(Truth truth);
  explicit Json(Whole whole);
  explicit Json(Object members);

  Value value_;
};

struct Json::Member {
  std::string name;
  Json value;

  friend bool operator==(const Member&, const Member&) = default;
};

// Reads one JSON text (RFC 8259): valid UTF-8, nothing behind it, no name twice
// in any object, at most `json_depth_max` deep, numbers within what Json holds.
// `blame` is the fault's code; its sentence says where.
Result<Json> parse_json(std::string_view text, Code blame = Code::malformed_json);

// Appends it with members sorted by bytes, no spaces, shortest escapes and
// shortest numbers (RFC 8785, but whole numbers stay exact beyond 2^53 and
// names sort by UTF-8): equal values give equal bytes, fit for hashing.
void render_canonical(std::string& out, const Json& value);
std::string render_canonical(const Json& value);

// For people: two spaces a level, a line for each element.
void render_pretty(std::string& out, const Json& value);
std::string render_pretty(const Json& value);

inline constexpr std::size_t json_depth_max = 64;

}  // namespace portolan::wire
