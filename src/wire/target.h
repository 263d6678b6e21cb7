#pragma once

#include <string_view>

namespace portolan::wire {

// Whether it may stand as a path or a query of a request target (RFC 3986
// sections 3.3 and 3.4), with every '%' followed by two digits. Brackets and
// '|' are let into queries, because clients send `include[]=x` unencoded.
bool is_path(std::string_view text);
bool is_query(std::string_view text);

// The value of a hexadecimal digit, or -1.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace portolan::wire
