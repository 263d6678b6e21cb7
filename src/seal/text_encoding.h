#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace portolan::seal {

// Lower-case hex, two digits a byte.
std::string render_hex(std::span<const unsigned char> bytes);
// Exactly `into.size()` bytes, or malformed_request. Upper case is refused, so
// that every value has one spelling.
Status parse_hex(std::string_view text, std::span<unsigned char> into);

// base64url with no padding (RFC 4648 section 5).
std::string render_base64url(std::span<const unsigned char> bytes);
// Exactly `into.size()` bytes, or malformed_request. Unused bits that are not
// zero are refused, so that every value has one spelling.
Status parse_base64url(std::string_view text, std::span<unsigned char> into);

// The same for texts, whose size the reader does not know.
std::string render_base64url(std::string_view text);
Result<std::string> parse_base64url(std::string_view text);

}  // namespace portolan::seal
