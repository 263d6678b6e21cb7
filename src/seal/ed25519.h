#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace portolan::seal {

using KeySeed = std::array<unsigned char, 32>;
using Signature = std::array<unsigned char, 64>;

// SHA-256 (FIPS 180-4) in lower-case hex.
std::string sha256_hex(std::string_view bytes);

// The public half of an Ed25519 key (RFC 8032).
class VerifyKey {
 public:
  // All zero: no key. It verifies nothing.
  VerifyKey() = default;
  explicit VerifyKey(const std::array<unsigned char, 32>& bytes) : bytes_(bytes) {}

  // Errors: bad_configuration.
  static Result<VerifyKey> from_hex(std::string_view text);
  static Result<VerifyKey> from_base64url(std::string_view text);

  std::string hex() const;
  std::string base64url() const;
  // Names the key in certificates: the first 32 hex digits of its SHA-256.
  std::string id() const;

  bool verifies(std::string_view message, const Signature& signature) const;

  friend bool operator==(const VerifyKey&, const VerifyKey&) = default;

 private:
  std::array<unsigned char, 32> bytes_{};
};

// The secret half. Its memory is cleared when it goes.
class SigningKey {
 public:
  // From 32 bytes of a secret random source.
  explicit SigningKey(const KeySeed& seed);
  SigningKey(const SigningKey&) = default;
  SigningKey& operator=(const SigningKey&) = default;
  ~SigningKey();

  // Errors: bad_configuration. The sentence never repeats the text.
  static Result<SigningKey> from_hex(std::string_view seed);
  // PKCS #8, as `openssl genpkey -algorithm ed25519` writes it.
  static Result<SigningKey> from_pem(std::string_view text);

  std::string hex() const;  // the seed
  std::string pem() const;
  const VerifyKey& verify_key() const { return verify_key_; }
  Signature sign(std::string_view message) const;

 private:
  KeySeed seed_;
  VerifyKey verify_key_;
};

}  // namespace portolan::seal
