#include "seal/tls_authority.h"

#include <fmt/format.h>
#include <openssl/x509v3.h>

#include "seal/x509.h"

namespace portolan::seal {
namespace {

Result<TlsCredential> render(X509* certificate, EVP_PKEY* key) {
  TlsCredential credential;
  TRY(credential.certificate, render_certificate_pem(certificate));
  TRY(credential.key, render_private_key(key));
  return credential;
}

}  // namespace

Result<TlsCredential> make_tls_authority(std::string_view network, Validity validity) {
  TRY(const auto key, make_p256_key());
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
    return refused_by_openssl("sign the authority's certificate");
  }
  return render(certificate, key.get());
}

Status check_tls_authority(const TlsCredential& authority) {
  TRY_DO(read_authority(authority));
  return {};
}

Result<TlsCredential> issue_tls_leaf(const TlsCredential& authority, const Identity& identity,
                                     Validity validity) {
  TRY(const auto key, make_p256_key());
  TRY(const auto made,
      sign_leaf(authority, key.get(), identity, validity, ",IP:127.0.0.1,DNS:localhost"));
  return render(made.get(), key.get());
}

}  // namespace portolan::seal
