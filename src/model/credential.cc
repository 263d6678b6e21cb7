#include "model/credential.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstdint>
#include <span>

#include "base/check.h"

namespace portolan::model {
namespace {

constexpr std::string_view prefix = "ptl_";
constexpr std::size_t id_length = 12;
constexpr std::size_t secret_length = 43;
constexpr std::size_t checksum_length = 6;
constexpr std::size_t signed_length = prefix.size() + id_length + 1 + secret_length;
constexpr std::size_t key_length = signed_length + checksum_length;

constexpr std::string_view alphabet =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static_assert(alphabet.size() == 62);

// The last `length` base62 digits of the big-endian number in `bytes`, the
// highest first. `bytes` is overwritten with the quotient.
std::string base62(std::span<unsigned char> bytes, std::size_t length) {
  std::string digits(length, alphabet[0]);
  for (std::size_t i = length; i > 0; --i) {
    unsigned remainder = 0;
    for (unsigned char& byte : bytes) {
      const unsigned dividend = remainder << 8 | byte;
      byte = static_cast<unsigned char>(dividend / 62);
      remainder = dividend % 62;
    }
    digits[i - 1] = alphabet[remainder];
  }
  return digits;
}

// CRC-32 as in ISO 3309 and zlib, a bit at a time: a key has 60 bytes.
std::uint32_t crc32(std::string_view text) {
  std::uint32_t crc = ~std::uint32_t{0};
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
    }
  }
  return ~crc;
}

std::string checksum(std::string_view text) {
  const std::uint32_t crc = crc32(text);
  std::array<unsigned char, 4> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<unsigned char>(crc >> (24 - 8 * i));
  }
  return base62(bytes, checksum_length);
}

KeyDigest sha256(std::string_view text) {
  KeyDigest digest{};
  unsigned length = 0;
  const int done =
      EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr);
  check(done == 1 && length == digest.size(), "SHA-256 is part of every OpenSSL");
  return digest;
}

Fault malformed(std::string sentence) {
  return Fault{Code::malformed_key, Retry::never, std::move(sentence)};
}

}  // namespace

Result<Credential> parse_credential(std::string_view text) {
  if (!text.starts_with(prefix)) {
    return malformed("The key does not begin with 'ptl_', so it is not one of Portolan's.");
  }
  if (text.size() != key_length || text[prefix.size() + id_length] != '_') {
    return malformed("The key is not 66 characters long with '_' after its id; copy it whole.");
  }
  const auto id = text.substr(prefix.size(), id_length);
  const auto rest = text.substr(prefix.size() + id_length + 1);
  if (id.find_first_not_of(alphabet) != id.npos || rest.find_first_not_of(alphabet) != rest.npos) {
    return malformed("The key holds a character that is neither letter nor digit.");
  }
  if (text.substr(signed_length) != checksum(text.substr(0, signed_length))) {
    return malformed("The key's checksum is wrong: it is mistyped or was cut.");
  }
  return Credential{std::string(id), sha256(text)};
}

NewKey make_key(const std::array<unsigned char, 32>& secret,
                const std::array<unsigned char, 9>& id) {
  auto secret_number = secret;
  auto id_number = id;
  NewKey key;
  key.credential.id = base62(id_number, id_length);
  key.text.append(prefix).append(key.credential.id).append("_");
  key.text += base62(secret_number, secret_length);
  key.text += checksum(key.text);
  key.credential.digest = sha256(key.text);
  return key;
}

bool equal_digests(const KeyDigest& a, const KeyDigest& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace portolan::model
