#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace portolan::wire {

// Base64 with padding (RFC 4648 section 4).
void append_base64(std::string& out, std::string_view bytes);
std::string render_base64(std::string_view bytes);

// Undoes it. Errors: `blame` for another alphabet, a length that is no multiple
// of four, or unused bits that are not zero, so that every value has one spelling.
Result<std::string> parse_base64(std::string_view text, Code blame);

}  // namespace portolan::wire
