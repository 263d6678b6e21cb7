#include "seal/tls_authority.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>

namespace portolan::seal {
namespace {

using PKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Cert = std::unique_ptr<X509, decltype(&X509_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Extension = std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)>;

Fault refused(std::string_view step) {
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  ERR_clear_error();
  return Fault{Code::bad_configuration, Retry::never,
               fmt::format("OpenSSL would not {}: {}.", step, reason.data())};
}

Result<PKey> make_key() {
  PKey key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  if (!key) return refused("make a P-256 key");
  return key;
}

// A certificate for `key` with a random serial number and nothing signed yet.
Result<Cert> make_certificate(EVP_PKEY* key, const std::string& common_name, Validity validity) {
  Cert certificate(X509_new(), &X509_free);
  std::array<unsigned char, 16> serial;
  if (!certificate || RAND_bytes(serial.data(), serial.size()) != 1) {
    return refused("draw a serial number");
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
    return refused("fill in a certificate");
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

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

Result<TlsCredential> render(X509* certificate, EVP_PKEY* key) {
  const Bio certificate_bio(BIO_new(BIO_s_mem()), &BIO_free);
  const Bio key_bio(BIO_new(BIO_s_mem()), &BIO_free);
  if (!certificate_bio || !key_bio || PEM_write_bio_X509(certificate_bio.get(), certificate) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(key_bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) !=
          1) {
    return refused("write a certificate as PEM");
  }
  return TlsCredential{text_of(certificate_bio.get()), text_of(key_bio.get())};
}

struct Authority {
  Cert certificate;
  PKey key;
};

Result<Authority> read_authority(const TlsCredential& credential) {
  const auto bio_of = [](const std::string& text) {
    return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
  };
  const Bio certificate_bio = bio_of(credential.certificate);
  const Bio key_bio = bio_of(credential.key);
  if (!certificate_bio || !key_bio) return refused("read the authority");
  char no_phrase[] = "";  // keeps OpenSSL from asking the terminal
  Authority authority{
      Cert(PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, no_phrase), &X509_free),
      PKey(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, no_phrase), &EVP_PKEY_free)};
  if (!authority.certificate || !authority.key) return refused("read the authority's PEM");
  if (X509_check_private_key(authority.certificate.get(), authority.key.get()) != 1) {
    return refused("take the authority's key for its certificate");
  }
  return authority;
}

}  // namespace

Result<TlsCredential> make_tls_authority(std::string_view network, Validity validity) {
  TRY(const auto key, make_key());
  TRY(const auto made,
      make_certificate(key.get(), fmt::format("portolan {}", network.substr(0, 48)), validity));
  X509* certificate = made.get();
  const bool extended =
      X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) == 1 &&
      add_extension(certificate, certificate, NID_basic_constraints,
                    "critical,CA:TRUE,pathlen:0") &&
      add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") &&
      add_extension(certificate, certificate, NID_subject_key_identifier, "hash");
  if (!extended || X509_sign(certificate, key.get(), EVP_sha256()) == 0) {
    return refused("sign the authority's certificate");
  }
  return render(certificate, key.get());
}

Result<TlsCredential> issue_tls_leaf(const TlsCredential& authority, const Identity& identity,
                                     Validity validity) {
  // A name with a comma or a line break would write extensions of its own.
  const std::string uri = render_identity(identity);
  TRY_DO(parse_identity(uri));
  TRY(const auto issuer, read_authority(authority));
  TRY(const auto key, make_key());
  TRY(const auto made, make_certificate(key.get(), identity.id, validity));
  X509* certificate = made.get();
  X509* parent = issuer.certificate.get();
  const bool extended =
      X509_set_issuer_name(certificate, X509_get_subject_name(parent)) == 1 &&
      add_extension(certificate, parent, NID_basic_constraints, "critical,CA:FALSE") &&
      add_extension(certificate, parent, NID_key_usage, "critical,digitalSignature") &&
      add_extension(certificate, parent, NID_ext_key_usage, "serverAuth,clientAuth") &&
      add_extension(certificate, parent, NID_subject_key_identifier, "hash") &&
      add_extension(certificate, parent, NID_authority_key_identifier, "keyid") &&
      add_extension(certificate, parent, NID_subject_alt_name,
                    fmt::format("URI:{},IP:127.0.0.1,DNS:localhost", uri));
  if (!extended || X509_sign(certificate, issuer.key.get(), EVP_sha256()) == 0) {
    return refused("sign the certificate of " + uri);
  }
  return render(certificate, key.get());
}

}  // namespace portolan::seal
