#pragma once

#include <openssl/ssl.h>

#include <string_view>

#include "base/result.h"

namespace portolan::runtime {

// How TlsMaterial::authority names an authority that the peer is to send along.
inline constexpr std::string_view pin_prefix = "sha256:";

// Lets the context trust one authority alone: that with this SHA-256 (64 hex
// digits of its DER), which the peer sends behind its own certificate. For who
// knows no more of a network than a fingerprint. Errors: bad_configuration.
Status trust_fingerprint(SSL_CTX* context, std::string_view hex);

}  // namespace portolan::runtime
