#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace portolan::wire {

// Writes JSON at the end of a string as fast as it comes, with no tree:
//
//   JsonWriter(out).begin_object().member("id", id).key("data").begin_array() ...
//
// Commas are its own. That keys and ends come where they may is up to the
// caller. Text that is not valid UTF-8 is written with U+FFFD in place of the
// bad bytes, so what comes out is always JSON. Lives on the caller's stack.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::same_as<bool> auto truth) { return raw(truth ? "true" : "false"); }
  template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>)
  JsonWriter& value(T integer) {
    if constexpr (std::signed_integral<T>) {
      return whole(static_cast<std::int64_t>(integer));
    } else {
      return whole(static_cast<std::uint64_t>(integer));
    }
  }
  JsonWriter& value(double number);  // finite
  JsonWriter& null() { return raw("null"); }

  // `json` is one JSON value already.
  JsonWriter& raw(std::string_view json);

  template <class T>
  JsonWriter& member(std::string_view name, const T& of) {
    return key(name).value(of);
  }

 private:
  JsonWriter& whole(std::int64_t integer);
  JsonWriter& whole(std::uint64_t integer);
  void comma();

  std::string& out_;
  bool comma_due_ = false;
};

// Appends `text` as a JSON string, quotes included.
void append_json_string(std::string& out, std::string_view text);

// Appends the shortest text that reads back as the same double, which must be
// finite. Whole numbers below 2^53 come out as integers.
void append_json_number(std::string& out, double number);

}  // namespace portolan::wire
