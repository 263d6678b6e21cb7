#include "runtime/tls_shown.h"

#include "runtime/tls_credentials.h"
#include "runtime/x509_facts.h"

namespace portolan::runtime {

std::optional<ShownCertificate> shown_certificate(const Credentials& credentials) {
  const auto* held = dynamic_cast<const TlsCredentials*>(&credentials);
  if (held == nullptr || held->server() == nullptr) return std::nullopt;
  const X509* certificate = SSL_CTX_get0_certificate(held->server());
  if (certificate == nullptr) return std::nullopt;
  const auto end = time_of(X509_get0_notAfter(certificate));
  if (!end) return std::nullopt;
  return ShownCertificate{uri_of(certificate), *end};
}

}  // namespace portolan::runtime
