#include "runtime/tls_stream.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>

#include <array>
#include <utility>

#include "runtime/tls_core.h"
#include "runtime/tls_credentials.h"
#include "runtime/wait.h"

namespace portolan::runtime {
namespace {

class TlsStream final : public Stream {
 public:
  TlsStream(Shard& shard, std::unique_ptr<Stream> inner, SSL* ssl)
      : core_(new TlsCore(shard, std::move(inner), ssl)) {}
  ~TlsStream() override { core_->abandon(); }

  bool start_read(std::span<char> into, Operation& operation) override {
    return core_->start_read(into, operation);
  }
  bool start_write(std::span<const std::string_view> pieces, Operation& operation) override {
    return core_->start_write(pieces, operation);
  }
  void cancel(Operation& operation, Code why) override { core_->cancel(operation, why); }
  void shut_down_write() override { core_->shut_down_write(); }
  void reset_on_close() override { core_->inner().reset_on_close(); }
  std::string peer_identity() const override { return core_->peer_identity(); }
  std::string peer_address() const override { return core_->inner().peer_address(); }

 private:
  TlsCore* core_;  // deletes itself after abandon()
};

bool is_numeric(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes;
  return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

void expect_name(SSL* ssl, const std::string& server_name) {
  if (server_name.empty()) return;
  if (is_numeric(server_name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), server_name.c_str());
    return;
  }
  SSL_set1_host(ssl, server_name.c_str());
  SSL_set_tlsext_host_name(ssl, server_name.c_str());
}

}  // namespace

Result<std::unique_ptr<Stream>> make_tls_server(Shard& shard, std::unique_ptr<Stream> inner,
                                                const Credentials& credentials) {
  SSL* ssl = SSL_new(static_cast<const TlsCredentials&>(credentials).server());
  if (ssl == nullptr) {
    return Fault{Code::limit_exceeded, Retry::elsewhere, "no memory for another TLS connection"};
  }
  SSL_set_accept_state(ssl);
  return std::make_unique<TlsStream>(shard, std::move(inner), ssl);
}

Task<Result<std::unique_ptr<Stream>>> connect_tls(Shard& shard, std::unique_ptr<Stream> inner,
                                                  std::shared_ptr<const Credentials> credentials,
                                                  std::string server_name) {
  SSL* ssl = SSL_new(static_cast<const TlsCredentials&>(*credentials).client());
  if (ssl == nullptr) {
    co_return Fault{Code::limit_exceeded, Retry::elsewhere, "no memory for another TLS connection"};
  }
  SSL_set_connect_state(ssl);
  expect_name(ssl, server_name);
  auto stream = std::make_unique<TlsStream>(shard, std::move(inner), ssl);
  const std::span<const std::string_view> no_pieces;
  CO_TRY_DO(co_await write_all(shard, *stream, no_pieces));
  co_return std::unique_ptr<Stream>(std::move(stream));
}

}  // namespace portolan::runtime
