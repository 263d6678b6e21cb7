#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "seal/identity.h"
#include "seal/tls_authority.h"

// What is done with OpenSSL by everything here that makes or reads X.509. For
// this room's own .cc files.
namespace portolan::seal {

using PKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Cert = std::unique_ptr<X509, decltype(&X509_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

// bad_configuration, with OpenSSL's reason. `step`: "OpenSSL would not <step>".
Fault refused_by_openssl(std::string_view step);

Result<PKey> make_p256_key();
Bio memory_bio();
Bio bio_of(const std::string& text);  // which outlives it
std::string text_of(BIO* bio);

Result<PKey> read_private_key(const std::string& pem);
Result<Cert> read_certificate_pem(const std::string& pem);  // the first one
Result<std::string> render_certificate_pem(X509* certificate);
Result<std::string> render_private_key(EVP_PKEY* key);

// SHA-256 of the key as certificates carry it (SubjectPublicKeyInfo), hex.
std::string digest_of_key(EVP_PKEY* key);

// A certificate for `key` with a random serial number, its issuer not named and
// nothing signed yet.
Result<Cert> make_certificate(EVP_PKEY* key, const std::string& common_name, Validity validity);
bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value);

struct OpenAuthority {
  Cert certificate;
  PKey key;
};
Result<OpenAuthority> read_authority(const TlsCredential& credential);

// A leaf for `key` that serves and connects as `identity`, signed; `names` are
// more subject alternative names, such as ",DNS:localhost".
// Errors: bad_configuration, untrusted_peer for an identity that is none.
Result<Cert> sign_leaf(const TlsCredential& authority, EVP_PKEY* key, const Identity& identity,
                       Validity validity, std::string_view names);

}  // namespace portolan::seal
