#include "seal/x509.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include <array>
#include <span>

#include "seal/text_encoding.h"

namespace portolan::seal {
namespace {

using Extension = std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)>;

char no_phrase[] = "";  // keeps OpenSSL from asking the terminal

}  // namespace

Fault refused_by_openssl(std::string_view step) {
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  ERR_clear_error();
  return Fault{Code::bad_configuration, Retry::never,
               fmt::format("OpenSSL would not {}: {}.", step, reason.data())};
}

Result<PKey> make_p256_key() {
  PKey key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  if (!key) return refused_by_openssl("make a P-256 key");
  return key;
}

Bio memory_bio() {
  Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  check(bio != nullptr, "out of memory");
  return bio;
}

Bio bio_of(const std::string& text) {
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
  check(bio != nullptr, "out of memory");
  return bio;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

Result<PKey> read_private_key(const std::string& pem) {
  const Bio bio = bio_of(pem);
  PKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, no_phrase), &EVP_PKEY_free);
  if (!key) return refused_by_openssl("read a private key as PEM");
  return key;
}

Result<Cert> read_certificate_pem(const std::string& pem) {
  const Bio bio = bio_of(pem);
  Cert certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, no_phrase), &X509_free);
  if (!certificate) return refused_by_openssl("read a certificate as PEM");
  return certificate;
}

Result<std::string> render_certificate_pem(X509* certificate) {
  const Bio bio = memory_bio();
  if (PEM_write_bio_X509(bio.get(), certificate) == 1) return text_of(bio.get());
  return refused_by_openssl("write a certificate as PEM");
}

Result<std::string> render_private_key(EVP_PKEY* key) {
  const Bio bio = memory_bio();
  if (PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1) {
    return text_of(bio.get());
  }
  return refused_by_openssl("write a private key as PEM");
}

std::string digest_of_key(EVP_PKEY* key) {
  unsigned char* bytes = nullptr;
  const int size = i2d_PUBKEY(key, &bytes);
  check(size > 0, "a key that was read can be written");
  std::array<unsigned char, 32> digest{};
  unsigned length = 0;
  const int done = EVP_Digest(bytes, static_cast<std::size_t>(size), digest.data(), &length,
                              EVP_sha256(), nullptr);
  OPENSSL_free(bytes);
  check(done == 1 && length == digest.size(), "SHA-256 is part of every OpenSSL");
  return render_hex(digest);
}

Result<Cert> make_certificate(EVP_PKEY* key, const std::string& common_name, Validity validity) {
  Cert certificate(X509_new(), &X509_free);
  std::array<unsigned char, 16> serial;
  if (!certificate || RAND_bytes(serial.data(), serial.size()) != 1) {
    return refused_by_openssl("draw a serial number");
  }
  serial[0] = static_cast<unsigned char>((serial[0] & 0x3f) | 0x40);  // positive, of full length
  BIGNUM* number = BN_bin2bn(serial.data(), serial.size(), nullptr);
  const bool numbered =
      number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.get()));
  BN_free(number);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.c_str());
  if (!numbered || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      !ASN1_TIME_set(X509_getm_notBefore(certificate.get()), validity.not_before.unix_seconds()) ||
      !ASN1_TIME_set(X509_getm_notAfter(certificate.get()), validity.not_after.unix_seconds()) ||
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) != 1 ||
      X509_set_pubkey(certificate.get(), key) != 1) {
    return refused_by_openssl("fill in a certificate");
  }
  return certificate;
}

bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()),
                            &X509_EXTENSION_free);
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

Result<OpenAuthority> read_authority(const TlsCredential& credential) {
  TRY(auto certificate, read_certificate_pem(credential.certificate));
  TRY(auto key, read_private_key(credential.key));
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return refused_by_openssl("take the authority's key for its certificate");
  }
  return OpenAuthority{std::move(certificate), std::move(key)};
}

Result<Cert> sign_leaf(const TlsCredential& authority, EVP_PKEY* key, const Identity& identity,
                       Validity validity, std::string_view names) {
  // A name with a comma or a line break would write extensions of its own.
  const std::string uri = render_identity(identity);
  TRY_DO(parse_identity(uri));
  TRY(const auto issuer, read_authority(authority));
  TRY(auto made, make_certificate(key, identity.id, validity));
  X509* certificate = made.get();
  X509* parent = issuer.certificate.get();
  const bool extended =
      X509_set_issuer_name(certificate, X509_get_subject_name(parent)) == 1 &&
      add_extension(certificate, parent, NID_basic_constraints, "critical,CA:FALSE") &&
      add_extension(certificate, parent, NID_key_usage, "critical,digitalSignature") &&
      add_extension(certificate, parent, NID_ext_key_usage, "serverAuth,clientAuth") &&
      add_extension(certificate, parent, NID_subject_key_identifier, "hash") &&
      add_extension(certificate, parent, NID_authority_key_identifier, "keyid") &&
      add_extension(certificate, parent, NID_subject_alt_name, fmt::format("URI:{}{}", uri, names));
  if (!extended || X509_sign(certificate, issuer.key.get(), EVP_sha256()) == 0) {
    return refused_by_openssl("sign the certificate of " + uri);
  }
  return made;
}

}  // namespace portolan::seal
