#include "seal/ed25519.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include <memory>

#include "seal/text_encoding.h"

namespace portolan::seal {
namespace {

using PKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

PKey private_key(const KeySeed& seed) {
  PKey key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()),
           &EVP_PKEY_free);
  check(key != nullptr, "OpenSSL takes any 32 bytes as an Ed25519 seed");
  return key;
}

Fault bad_key(std::string_view what) {
  return Fault{Code::bad_configuration, Retry::never, std::string(what)};
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(bytes_of(bytes), bytes.size(), digest.data());
  return render_hex(digest);
}

Result<VerifyKey> VerifyKey::from_hex(std::string_view text) {
  std::array<unsigned char, 32> bytes;
  if (!parse_hex(text, bytes)) {
    return bad_key("A public key is 64 lower-case hex digits.");
  }
  return VerifyKey(bytes);
}

Result<VerifyKey> VerifyKey::from_base64url(std::string_view text) {
  std::array<unsigned char, 32> bytes;
  if (!parse_base64url(text, bytes)) {
    return bad_key("A public key is 43 characters of base64url.");
  }
  return VerifyKey(bytes);
}

std::string VerifyKey::hex() const { return render_hex(bytes_); }

std::string VerifyKey::base64url() const { return render_base64url(bytes_); }

std::string VerifyKey::id() const {
  const std::string_view bytes(reinterpret_cast<const char*>(bytes_.data()), bytes_.size());
  return sha256_hex(bytes).substr(0, 32);
}

bool VerifyKey::verifies(std::string_view message, const Signature& signature) const {
  // All zero is a point of low order, under which anybody can sign.
  if (*this == VerifyKey{}) return false;
  const PKey key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_.data(), bytes_.size()),
      &EVP_PKEY_free);
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return key && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes_of(message),
                          message.size()) == 1;
}

SigningKey::SigningKey(const KeySeed& seed) : seed_(seed) {
  std::array<unsigned char, 32> bytes;
  std::size_t size = bytes.size();
  check(EVP_PKEY_get_raw_public_key(private_key(seed_).get(), bytes.data(), &size) == 1,
        "an Ed25519 key has a public half");
  verify_key_ = VerifyKey(bytes);
}

SigningKey::~SigningKey() { OPENSSL_cleanse(seed_.data(), seed_.size()); }

Result<SigningKey> SigningKey::from_hex(std::string_view seed) {
  KeySeed bytes;
  if (!parse_hex(seed, bytes)) return bad_key("A signing key's seed is 64 lower-case hex digits.");
  SigningKey key(bytes);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return key;
}

Result<SigningKey> SigningKey::from_pem(std::string_view text) {
  constexpr std::size_t pem_bytes_max = 4096;  // PKCS #8 of 32 bytes is under 200
  if (text.size() > pem_bytes_max) return bad_key("The signing key's PEM is over 4096 bytes.");
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
  check(bio != nullptr, "out of memory");
  // The empty pass phrase keeps OpenSSL from asking the terminal for one.
  char no_phrase[] = "";
  const PKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, no_phrase), &EVP_PKEY_free);
  KeySeed seed;
  std::size_t size = seed.size();
  if (!key || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519 ||
      EVP_PKEY_get_raw_private_key(key.get(), seed.data(), &size) != 1) {
    return bad_key("The signing key is no Ed25519 private key in PEM (PKCS #8).");
  }
  SigningKey result(seed);
  OPENSSL_cleanse(seed.data(), seed.size());
  return result;
}

std::string SigningKey::hex() const { return render_hex(seed_); }

std::string SigningKey::pem() const {
  const PKey key = private_key(seed_);
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  check(bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                             nullptr) == 1,
        "OpenSSL writes an Ed25519 key as PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Signature SigningKey::sign(std::string_view message) const {
  const PKey key = private_key(seed_);
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  Signature signature;
  std::size_t size = signature.size();
  check(context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
            EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(message),
                           message.size()) == 1,
        "OpenSSL signs with Ed25519");
  return signature;
}

}  // namespace portolan::seal
