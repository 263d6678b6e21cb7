#include "runtime/tls_pin.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "base/check.h"

namespace portolan::runtime {
namespace {

using Fingerprint = std::array<unsigned char, 32>;
using Hex =
    std::unique_ptr<unsigned char, decltype([](unsigned char* bytes) { OPENSSL_free(bytes); })>;
using Trusted =
    std::unique_ptr<STACK_OF(X509), decltype([](STACK_OF(X509) * stack) { sk_X509_free(stack); })>;

// A context owns its pin.
int pin_index() {
  constexpr auto forget = [](void*, void* pin, CRYPTO_EX_DATA*, int, long, void*) {
    delete static_cast<Fingerprint*>(pin);
  };
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, forget);
  return index;
}

bool is_pinned(const X509* certificate, const Fingerprint& pin) {
  Fingerprint digest{};
  unsigned length = 0;
  return X509_digest(certificate, EVP_sha256(), digest.data(), &length) == 1 && digest == pin;
}

// Of what the peer has sent, the pinned certificate alone is an anchor.
int verify(X509_STORE_CTX* sent, void*) {
  const auto* ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(sent, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto* pin =
      static_cast<const Fingerprint*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), pin_index()));
  const Trusted trusted(sk_X509_new_null());
  check(trusted != nullptr, "out of memory");
  STACK_OF(X509)* chain = X509_STORE_CTX_get0_untrusted(sent);
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    X509* certificate = sk_X509_value(chain, i);
    if (is_pinned(certificate, *pin)) sk_X509_push(trusted.get(), certificate);
  }
  X509_STORE_CTX_set0_trusted_stack(sent, trusted.get());
  return X509_verify_cert(sent);
}

}  // namespace

Status trust_fingerprint(SSL_CTX* context, std::string_view hex) {
  long size = 0;
  const std::string text(hex);
  const Hex bytes(OPENSSL_hexstr2buf(text.c_str(), &size));
  if (!bytes || size != static_cast<long>(Fingerprint().size())) {
    return Fault{Code::bad_configuration, Retry::never,
                 "the authority's fingerprint is not 64 hex digits"};
  }
  auto pin = std::make_unique<Fingerprint>();
  std::copy_n(bytes.get(), pin->size(), pin->begin());
  check(SSL_CTX_set_ex_data(context, pin_index(), pin.get()) == 1, "out of memory");
  (void)pin.release();  // the context's now
  SSL_CTX_set_cert_verify_callback(context, verify, nullptr);
  return {};
}

}  // namespace portolan::runtime
