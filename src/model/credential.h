#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/keyring.h"

namespace portolan::model {

// A key as a client presents it: ptl_<id>_<secret><checksum>. `id` is 12
// characters of base62, the secret 43 (256 bits), the checksum 6 (CRC-32 of all
// before it), so that a typo is told from an unknown key and a leak scanner can
// be sure.
struct Credential {
  std::string id;
  KeyDigest digest{};
};

// Errors: malformed_key. Never repeats the text in the message.
Result<Credential> parse_credential(std::string_view text);

// A new key from 256 random bits and 9 random bytes for the id.
struct NewKey {
  std::string text;  // shown once
  Credential credential;
};
NewKey make_key(const std::array<unsigned char, 32>& secret,
                const std::array<unsigned char, 9>& id);

// In time that does not depend on where they differ.
bool equal_digests(const KeyDigest& a, const KeyDigest& b);

}  // namespace portolan::model
