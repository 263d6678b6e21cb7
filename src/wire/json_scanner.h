#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wire/target.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace portolan::wire {

// One pass over JSON text, checking every byte (RFC 8259). Each skip_ moves
// behind what it names, or returns false where it may not stand; at() is then
// the offset to complain about. That the text is UTF-8 is checked elsewhere.
// Reads no byte behind the text. Lives on the stack of scan_object().
class JsonScanner {
 public:
  // Scans bytes [begin, end) of `text`; offsets count from its start.
  JsonScanner(std::string_view text, std::size_t begin, std::size_t end)
      : start_(text.data()), at_(start_ + begin), end_(start_ + end) {}

  std::size_t at() const { return static_cast<std::size_t>(at_ - start_); }
  bool at_end() const { return at_ == end_; }
  char peek() const { return at_ < end_ ? *at_ : '\0'; }

  void skip_space() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) {
      ++at_;
    }
  }

  bool skip(char expected) {
    if (peek() != expected) {
      return false;
    }
    ++at_;
    return true;
  }

  // A string with its quotes; `escaped` is set when it holds a backslash.
  bool skip_string(bool& escaped) {
    if (!skip('"')) {
      return false;
    }
    while (true) {
      skip_plain();
      const char stop = peek();
      if (stop == '"') [[likely]] {
        ++at_;
        return true;
      }
      if (stop != '\\' || !skip_escape()) {
        return false;
      }
      escaped = true;
    }
  }

  // Any value, within `depth_left` levels of arrays and objects.
  bool skip_value(unsigned depth_left) {
    Open open{.left = depth_left};
    while (true) {
      skip_space();
      const bool opens = peek() == '{' || peek() == '[';
      if (opens ? !skip_opening(open) : !skip_scalar()) {
        return false;
      }
      if (opens && open.expects_value) {
        continue;
      }
      if (!skip_to_next(open)) {
        return false;
      }
      if (open.depth == 0) {
        return true;
      }
    }
  }

 private:
  // The arrays and objects that are open, innermost in the lowest bit.
  struct Open {
    unsigned left;
    unsigned depth = 0;
    std::uint64_t objects = 0;   // a set bit is an object
    bool expects_value = false;  // behind an opening: it is not empty

    bool in_object() const { return (objects & 1) != 0; }
  };

  bool skip_opening(Open& open) {
    if (open.depth == open.left) {
      return false;
    }
    const bool object = peek() == '{';
    ++at_;
    ++open.depth;
    open.objects = open.objects << 1 | (object ? 1 : 0);
    skip_space();
    open.expects_value = peek() != (object ? '}' : ']');
    return !open.expects_value || !object || skip_key();
  }

  // Behind a value: over the closings that follow, and to the next value.
  bool skip_to_next(Open& open) {
    while (open.depth > 0) {
      skip_space();
      if (skip(',')) {
        skip_space();
        return !open.in_object() || skip_key();
      }
      if (!skip(open.in_object() ? '}' : ']')) {
        return false;
      }
      open.objects >>= 1;
      --open.depth;
    }
    return true;
  }

  bool skip_key() {
    bool escaped = false;
    if (!skip_string(escaped)) {
      return false;
    }
    skip_space();
    return skip(':');
  }

  bool skip_scalar() {
    bool escaped = false;
    switch (peek()) {
      case '"':
        return skip_string(escaped);
      case 't':
        return skip_word("true");
      case 'f':
        return skip_word("false");
      case 'n':
        return skip_word("null");
      default:
        return skip_number();
    }
  }

  bool skip_word(std::string_view word) {
    if (!std::string_view(at_, end_).starts_with(word)) {
      return false;
    }
    at_ += word.size();
    return true;
  }

  bool skip_digits() {
    const char* const first = at_;
    while (at_ < end_ && *at_ >= '0' && *at_ <= '9') {
      ++at_;
    }
    return at_ != first;
  }

  bool skip_number() {
    skip('-');
    if (!skip('0') && !skip_digits()) {
      return false;
    }
    if (skip('.') && !skip_digits()) {
      return false;
    }
    if (!skip('e') && !skip('E')) {
      return true;
    }
    if (!skip('+')) {
      skip('-');
    }
    return skip_digits();
  }

  // Over the bytes of a string that are no quote, backslash or control. Most
  // of a chat is this.
  void skip_plain() {
#ifdef __SSE2__
    const auto quotes = _mm_set1_epi8('"');
    const auto backslashes = _mm_set1_epi8('\\');
    const auto last_control = _mm_set1_epi8(0x1f);
    while (end_ - at_ >= 16) {
      const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at_));
      const auto stops = _mm_or_si128(
          _mm_or_si128(_mm_cmpeq_epi8(bytes, quotes), _mm_cmpeq_epi8(bytes, backslashes)),
          _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes));
      const auto mask = static_cast<unsigned>(_mm_movemask_epi8(stops));
      if (mask != 0) {
        at_ += std::countr_zero(mask);
        return;
      }
      at_ += 16;
    }
#endif
    while (at_ < end_ && *at_ != '"' && *at_ != '\\' && static_cast<unsigned char>(*at_) >= 0x20) {
      ++at_;
    }
  }

  bool skip_escape() {
    ++at_;
    switch (peek()) {
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't':
        ++at_;
        return true;
      case 'u':
        return skip_character();
      default:
        return false;
    }
  }

  // Behind a backslash: "uXXXX", or two of them that make one character. A
  // surrogate alone is no character.
  bool skip_character() {
    unsigned unit = 0;
    if (!skip_unit(unit) || (unit >= 0xdc00 && unit <= 0xdfff)) {
      return false;
    }
    if (unit < 0xd800 || unit > 0xdbff) {
      return true;
    }
    return skip('\\') && skip_unit(unit) && unit >= 0xdc00 && unit <= 0xdfff;
  }

  // "uXXXX": one UTF-16 code unit.
  bool skip_unit(unsigned& unit) {
    if (end_ - at_ < 5 || *at_ != 'u') {
      return false;
    }
    unit = 0;
    for (int i = 1; i <= 4; ++i) {
      const int digit = hex_value(at_[i]);
      if (digit < 0) {
        return false;
      }
      unit = unit * 16 + static_cast<unsigned>(digit);
    }
    at_ += 5;
    return true;
  }

  const char* start_;
  const char* at_;
  const char* end_;
};

}  // namespace portolan::wire
