#pragma once

#include <string>
#include <string_view>

namespace portolan::seal {

// HMAC (RFC 2104) with SHA-256, in lower-case hex.
std::string hmac_sha256_hex(std::string_view key, std::string_view text);

}  // namespace portolan::seal
