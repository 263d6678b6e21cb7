#include "wire/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

#include "base/check.h"
#include "wire/utf8.h"

namespace portolan::wire {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

// Bytes that may stand in a string as they are; those from 0x80 need a look.
constexpr std::array<bool, 256> plain_bytes = [] {
  std::array<bool, 256> is{};
  for (std::size_t byte = 0x20; byte < 0x80; ++byte) {
    is[byte] = byte != '"' && byte != '\\';
  }
  return is;
}();

void append_escape(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
      // clang-format off
    case '"':  out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\t': out += "\\t"; return;
    case '\n': out += "\\n"; return;
    case '\f': out += "\\f"; return;
    case '\r': out += "\\r"; return;
    // clang-format on
    default:
      out += "\\u00";
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
  }
}

template <class T>
void append_whole(std::string& out, T integer) {
  std::array<char, 24> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), integer).ptr;
  out.append(text.data(), end);
}

// The shortest decimal digits of a positive double, and where their point is:
// 0.digits * 10^point.
struct Decimal {
  std::string digits;
  int point = 0;
};

Decimal decimal_of(double number) {
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::scientific);
  check(end.ec == std::errc());
  const std::string_view all(text.data(), end.ptr);
  const auto e = all.find('e');
  Decimal decimal;
  for (const char c : all.substr(0, e)) {
    if (c != '.') {
      decimal.digits += c;
    }
  }
  const auto exponent = all.substr(all[e + 1] == '+' ? e + 2 : e + 1);
  std::from_chars(exponent.data(), exponent.data() + exponent.size(), decimal.point);
  ++decimal.point;
  return decimal;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t written = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    if (plain_bytes[static_cast<unsigned char>(text[at])]) {
      ++at;
      continue;
    }
    const auto sequence = utf8_sequence(text.substr(at));
    if (sequence > 1) {
      at += sequence;
      continue;
    }
    out.append(text, written, at - written);
    if (sequence == 1) {
      append_escape(out, text[at]);
    } else {
      out += replacement;
    }
    written = ++at;
  }
  out.append(text, written);
  out += '"';
}

void append_json_number(std::string& out, double number) {
  check(std::isfinite(number), "JSON has no infinity and no NaN");
  if (number == 0) {
    out += '0';
    return;
  }
  if (number < 0) {
    out += '-';
    number = -number;
  }
  if (number < 0x1p53 && number == std::floor(number)) {
    append_whole(out, static_cast<std::uint64_t>(number));
    return;
  }
  const auto [digits, point] = decimal_of(number);
  if (point > -6 && point <= 0) {
    out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
  } else if (point > 0 && static_cast<std::size_t>(point) < digits.size()) {
    const auto whole = static_cast<std::size_t>(point);
    out.append(digits, 0, whole).append(".").append(digits, whole);
  } else {
    out.append(digits, 0, 1);
    if (digits.size() > 1) {
      out.append(".").append(digits, 1);
    }
    out.append(point > 0 ? "e+" : "e");
    append_whole(out, point - 1);
  }
}

void JsonWriter::comma() {
  if (comma_due_) {
    out_ += ',';
  }
  comma_due_ = true;
}

JsonWriter& JsonWriter::begin_object() {
  comma();
  out_ += '{';
  comma_due_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  out_ += '}';
  comma_due_ = true;
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  comma();
  out_ += '[';
  comma_due_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  out_ += ']';
  comma_due_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  comma();
  append_json_string(out_, name);
  out_ += ':';
  comma_due_ = false;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  comma();
  append_json_string(out_, text);
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  comma();
  append_json_number(out_, number);
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  comma();
  out_ += json;
  return *this;
}

JsonWriter& JsonWriter::whole(std::int64_t integer) {
  comma();
  append_whole(out_, integer);
  return *this;
}

JsonWriter& JsonWriter::whole(std::uint64_t integer) {
  comma();
  append_whole(out_, integer);
  return *this;
}

}  // namespace portolan::wire
