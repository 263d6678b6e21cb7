#include "runtime/tls_credentials.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "runtime/tls_pin.h"
#include "runtime/tls_stream.h"

namespace portolan::runtime {
namespace {

Fault configuration_fault(const std::string& what) {
  std::string reason = what;
  if (const unsigned long error = ERR_get_error(); error != 0) {
    reason += std::string(": ") + ERR_reason_error_string(error);
  }
  ERR_clear_error();
  return {Code::bad_configuration, Retry::never, reason};
}

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

Bio reader_of(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Status use_certificate(SSL_CTX* context, const std::string& chain) {
  const Bio bio = reader_of(chain);
  X509* leaf = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr);
  if (leaf == nullptr) return configuration_fault("the certificate is not PEM");
  const bool used = SSL_CTX_use_certificate(context, leaf) == 1;
  X509_free(leaf);
  if (!used) return configuration_fault("the certificate is not usable");
  while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    // The context takes `next` over.
    if (SSL_CTX_add0_chain_cert(context, next) != 1) {
      X509_free(next);
      return configuration_fault("the certificate's chain is not usable");
    }
  }
  ERR_clear_error();
  return {};
}

Status use_key(SSL_CTX* context, const std::string& text) {
  const Bio bio = reader_of(text);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr);
  if (key == nullptr) return configuration_fault("the key is not PEM");
  const bool used = SSL_CTX_use_PrivateKey(context, key) == 1;
  EVP_PKEY_free(key);
  if (!used || SSL_CTX_check_private_key(context) != 1) {
    return configuration_fault("the key does not fit the certificate");
  }
  return {};
}

Status use_authority(SSL_CTX* context, const std::string& text) {
  if (text.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) != 1) {
      return configuration_fault("the system has no trusted authorities");
    }
    return {};
  }
  if (text.starts_with(pin_prefix)) {
    return trust_fingerprint(context, std::string_view(text).substr(pin_prefix.size()));
  }
  const Bio bio = reader_of(text);
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  int count = 0;
  while (X509* authority = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    count += X509_STORE_add_cert(store, authority);
    X509_free(authority);
  }
  ERR_clear_error();
  if (count == 0) return configuration_fault("the authority is not PEM");
  return {};
}

// What is sent behind the leaf, found once and not by every handshake. Whoever pins the
// authority has to be shown it by servers; servers know it, and clients leave it out.
// A chain that was given is sent as it is.
void settle_chain(SSL_CTX* context, bool is_client) {
  STACK_OF(X509)* given = nullptr;
  SSL_CTX_get0_chain_certs(context, &given);
  if (given != nullptr) return;
  // One that cannot be verified here and now may be by the peer.
  const int flags = SSL_BUILD_CHAIN_FLAG_IGNORE_ERROR | SSL_BUILD_CHAIN_FLAG_CLEAR_ERROR;
  SSL_CTX_build_cert_chain(context, is_client ? flags | SSL_BUILD_CHAIN_FLAG_NO_ROOT : flags);
  ERR_clear_error();
}

Result<SslContext> make_context(const SSL_METHOD* method, const TlsMaterial& material) {
  SslContext context(SSL_CTX_new(method));
  if (!context) return configuration_fault("TLS cannot be set up");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_num_tickets(context.get(), 1);
  if (!material.certificate.empty()) {
    TRY_DO(use_certificate(context.get(), material.certificate));
    TRY_DO(use_key(context.get(), material.key));
  }
  TRY_DO(use_authority(context.get(), material.authority));
  if (!material.certificate.empty()) {
    settle_chain(context.get(), method == TLS_client_method());
  }
  return context;
}

}  // namespace

Result<std::shared_ptr<TlsCredentials>> make_tls_credentials(const TlsMaterial& material) {
  TRY(auto server, make_context(TLS_server_method(), material));
  TRY(auto client, make_context(TLS_client_method(), material));
  if (material.require_peer) {
    SSL_CTX_set_verify(server.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    // Sessions of mutually authenticated peers are not resumed across listeners.
    SSL_CTX_set_session_cache_mode(server.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(server.get(), 0);
  }
  SSL_CTX_set_verify(client.get(), SSL_VERIFY_PEER, nullptr);
  return std::make_shared<TlsCredentials>(std::move(server), std::move(client));
}

}  // namespace portolan::runtime
