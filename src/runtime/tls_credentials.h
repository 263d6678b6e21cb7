#pragma once

#include <openssl/ssl.h>

#include <memory>

#include "runtime/network.h"

namespace portolan::runtime {

struct FreeSslContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

// Credentials as OpenSSL takes them: one context for each side.
class TlsCredentials final : public Credentials {
 public:
  std::unique_ptr<SSL_CTX, FreeSslContext> server;
  std::unique_ptr<SSL_CTX, FreeSslContext> client;
};

}  // namespace portolan::runtime
