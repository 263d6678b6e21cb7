#include "seal/text_encoding.h"

#include <cstdint>
#include <vector>

namespace portolan::seal {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64url_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

Fault malformed(std::string message) {
  return Fault{Code::malformed_request, Retry::never, std::move(message)};
}

}  // namespace

std::string render_hex(std::span<const unsigned char> bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) {
    out += hex_digits[byte >> 4];
    out += hex_digits[byte & 15];
  }
  return out;
}

Status parse_hex(std::string_view text, std::span<unsigned char> into) {
  if (text.size() != into.size() * 2) return malformed("The hex text has the wrong length.");
  for (std::size_t i = 0; i < into.size(); ++i) {
    const auto high = hex_digits.find(text[2 * i]);
    const auto low = hex_digits.find(text[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) {
      return malformed("The text is not lower-case hex.");
    }
    into[i] = static_cast<unsigned char>(high << 4 | low);
  }
  return {};
}

std::string render_base64url(std::span<const unsigned char> bytes) {
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const unsigned char byte : bytes) {
    held = held << 8 | byte;
    for (bits += 8; bits >= 6; bits -= 6) {
      out += base64url_digits[held >> (bits - 6) & 63];
    }
  }
  if (bits > 0) out += base64url_digits[held << (6 - bits) & 63];
  return out;
}

Status parse_base64url(std::string_view text, std::span<unsigned char> into) {
  if (text.size() != (into.size() * 4 + 2) / 3) {
    return malformed("The base64url text has the wrong length.");
  }
  std::uint32_t held = 0;
  unsigned bits = 0;
  std::size_t count = 0;
  for (const char c : text) {
    const auto digit = base64url_digits.find(c);
    if (digit == std::string_view::npos) return malformed("The text is not base64url.");
    held = held << 6 | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      into[count++] = static_cast<unsigned char>(held >> bits & 255);
    }
  }
  if ((held & ((1u << bits) - 1)) != 0) {
    return malformed("The base64url text ends in bits that belong to no byte.");
  }
  return {};
}

std::string render_base64url(std::string_view text) {
  return render_base64url(
      std::span(reinterpret_cast<const unsigned char*>(text.data()), text.size()));
}

Result<std::string> parse_base64url(std::string_view text) {
  std::vector<unsigned char> bytes(text.size() * 3 / 4);
  TRY_DO(parse_base64url(text, bytes));
  return std::string(bytes.begin(), bytes.end());
}

}  // namespace portolan::seal
