#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "seal/ed25519.h"

namespace portolan::seal {

// The algorithm of every JWS of ours: EdDSA with Ed25519 (RFC 8037).
inline constexpr std::string_view jws_algorithm = "EdDSA";

// A JWS in compact serialization (RFC 7515): three texts in base64url, as they
// stand in it.
struct Jws {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;

  std::string_view signed_bytes() const {
    return {header.data(), header.size() + 1 + payload.size()};
  }
};

// Nothing for what is not three parts joined by dots.
std::optional<Jws> split_jws(std::string_view text);

// Header and payload as they are before they are encoded.
std::string sign_jws(std::string_view header, std::string_view payload, const SigningKey& key);

}  // namespace portolan::seal
