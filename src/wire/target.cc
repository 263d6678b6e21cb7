#include "wire/target.h"

#include <array>
#include <cstdint>

namespace portolan::wire {
namespace {

enum Part : std::uint8_t { in_path = 1, in_query = 2 };

constexpr std::array<std::uint8_t, 256> target_bytes = [] {
  std::array<std::uint8_t, 256> is{};
  for (const char c : std::string_view("/-._~!$&'()*+,;=:@%0123456789"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "abcdefghijklmnopqrstuvwxyz")) {
    is[static_cast<unsigned char>(c)] = in_path | in_query;
  }
  for (const char c : std::string_view("?[]|")) {
    is[static_cast<unsigned char>(c)] = in_query;
  }
  return is;
}();

bool is_part(std::string_view text, Part part) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((target_bytes[static_cast<unsigned char>(text[i])] & part) == 0) {
      return false;
    }
    if (text[i] == '%' &&
        (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0)) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool is_path(std::string_view text) { return is_part(text, in_path); }
bool is_query(std::string_view text) { return is_part(text, in_query); }

}  // namespace portolan::wire
