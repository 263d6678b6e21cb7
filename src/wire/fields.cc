#include "wire/fields.h"

#include <array>
#include <cstring>

#include "base/check.h"

namespace portolan::wire {
namespace {

constexpr std::array<bool, 256> token_bytes = [] {
  std::array<bool, 256> is{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "abcdefghijklmnopqrstuvwxyz")) {
    is[static_cast<unsigned char>(c)] = true;
  }
  return is;
}();

// Whether any of the eight bytes is a control character: below 0x20, or 0x7f.
// Bit tricks of "Hacker's Delight" section 6-1, exact for bytes below 0x80.
bool may_hold_control(std::uint64_t eight) {
  constexpr std::uint64_t ones = 0x0101010101010101u;
  constexpr std::uint64_t tops = 0x8080808080808080u;
  const auto below_space = (eight - ones * 0x20) & ~eight & tops;
  const auto without_top = eight & ~tops;
  const auto deleted = (without_top ^ (ones * 0x7f)) - ones;
  return (below_space | (deleted & ~eight & tops)) != 0;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

bool any_control(std::string_view text) {
  for (const char c : text) {
    if (is_control(c)) {
      return true;
    }
  }
  return false;
}

// Whether the eight bytes from `at` on have one.
bool holds_control_at(std::string_view text, std::size_t at) {
  std::uint64_t eight = 0;
  std::memcpy(&eight, text.data() + at, 8);
  return may_hold_control(eight) && any_control(text.substr(at, 8));
}

bool holds_control(std::string_view text) {
  if (text.size() < 8) {
    return any_control(text);
  }
  for (std::size_t at = 0; at + 8 < text.size(); at += 8) {
    if (holds_control_at(text, at)) {
      return true;
    }
  }
  return holds_control_at(text, text.size() - 8);
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

void Fields::reset(std::string_view head) {
  head_ = head.data();
  spans_.clear();
}

void Fields::add(Field field) {
  const auto name_at = field.name.data() - head_;
  const auto value_at = field.value.data() - head_;
  check(name_at >= 0 && value_at >= name_at && value_at <= UINT16_MAX &&
            field.name.size() <= UINT16_MAX && field.value.size() <= UINT16_MAX,
        "a field lies within 64 KiB behind its head's start");
  spans_.push_back({.name_at = static_cast<std::uint16_t>(name_at),
                    .name_length = static_cast<std::uint16_t>(field.name.size()),
                    .value_at = static_cast<std::uint16_t>(value_at),
                    .value_length = static_cast<std::uint16_t>(field.value.size())});
}

Field Fields::operator[](std::size_t at) const {
  const Span& span = spans_[at];
  return {.name = {head_ + span.name_at, span.name_length},
          .value = {head_ + span.value_at, span.value_length}};
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
  for (const Field field : *this) {
    if (equal_ignoring_case(field.name, name)) {
      return field.value;
    }
  }
  return std::nullopt;
}

std::size_t Fields::count(std::string_view name) const {
  std::size_t found = 0;
  for (const Field field : *this) {
    found += equal_ignoring_case(field.name, name) ? 1 : 0;
  }
  return found;
}

bool equal_ignoring_case(std::string_view first, std::string_view other) {
  if (first.size() != other.size()) {
    return false;
  }
  for (std::size_t i = 0; i < first.size(); ++i) {
    const int difference = first[i] ^ other[i];
    if (difference == 0) {
      continue;
    }
    const char lower = static_cast<char>(first[i] | 0x20);
    if (difference != 0x20 || lower < 'a' || lower > 'z') {
      return false;
    }
  }
  return true;
}

bool is_token(std::string_view text) {
  bool all = !text.empty();
  for (const char c : text) {
    all &= token_bytes[static_cast<unsigned char>(c)];  // no branch: names are short
  }
  return all;
}

bool is_field_value(std::string_view text) {
  if (text.empty()) {
    return true;
  }
  return !is_blank(text.front()) && !is_blank(text.back()) && !holds_control(text);
}

}  // namespace portolan::wire
