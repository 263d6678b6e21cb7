#include "wire/base64.h"

#include <array>
#include <cstdint>

namespace portolan::wire {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 0xff;

constexpr std::array<std::uint8_t, 256> digits = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}();

char digit_of(std::uint32_t bits, int shift) { return alphabet[(bits >> shift) & 63]; }

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  const auto byte = [&](std::size_t at) -> std::uint32_t {
    return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0u;
  };
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::uint32_t bits = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
    out += digit_of(bits, 18);
    out += digit_of(bits, 12);
    out += at + 1 < bytes.size() ? digit_of(bits, 6) : '=';
    out += at + 2 < bytes.size() ? digit_of(bits, 0) : '=';
  }
}

std::string render_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  append_base64(out, bytes);
  return out;
}

Result<std::string> parse_base64(std::string_view text, Code blame) {
  const Fault wrong{blame, Retry::never, "That is no base64."};
  if (text.size() % 4 != 0) return wrong;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  int known = 0;
  for (const char letter : text.substr(0, text.size() - padding)) {
    const auto digit = digits[static_cast<unsigned char>(letter)];
    if (digit == no_digit) return wrong;
    bits = (bits << 6 | digit) & 0xffff;
    known += 6;
    if (known < 8) continue;
    known -= 8;
    bytes += static_cast<char>(bits >> known & 0xff);
  }
  if ((bits & ((1u << known) - 1)) != 0) return wrong;
  return bytes;
}

}  // namespace portolan::wire
