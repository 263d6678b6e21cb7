#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <utility>

#include "runtime/network.h"

namespace portolan::runtime {

struct FreeSslContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

using SslContext = std::unique_ptr<SSL_CTX, FreeSslContext>;

// Credentials as OpenSSL takes them: one context for each side. Connections hold
// on to the context that they began with.
//
// Lives on: the shard of the network that made it, once it may be exchanged.
class TlsCredentials final : public Credentials {
 public:
  TlsCredentials(SslContext server, SslContext client)
      : server_(std::move(server)), client_(std::move(client)) {}

  SSL_CTX* server() const { return server_.get(); }
  SSL_CTX* client() const { return client_.get(); }

  // What is begun from now on takes the other's contexts.
  void exchange(TlsCredentials& other) const {
    server_.swap(other.server_);
    client_.swap(other.client_);
  }

 private:
  mutable SslContext server_;
  mutable SslContext client_;
};

}  // namespace portolan::runtime
