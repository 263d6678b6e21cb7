#include "runtime/kernel_network.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "runtime/epoll_shard.h"
#include "runtime/keep_alive.h"
#include "runtime/offload.h"
#include "runtime/socket_address.h"
#include "runtime/socket_stream.h"
#include "runtime/tls_credentials.h"
#include "runtime/tls_stream.h"
#include "runtime/wait.h"

namespace portolan::runtime {
namespace {

constexpr int backlog = 4'096;

void set_no_delay(int descriptor) {
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void set_keep_alive(int descriptor) {
  const int on = 1;
  const int idle = static_cast<int>(keep_alive_idle.seconds());
  const int interval = static_cast<int>(keep_alive_interval.seconds());
  setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
  setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPCNT, &keep_alive_probes, sizeof keep_alive_probes);
}

// Waits for a connecting socket.
class Connected final : public Wait {
 public:
  Connected(EpollShard& shard, SocketStream& stream) : Wait(shard), stream_(stream) {}
  Status await_resume() {
    if (!outcome) return std::move(outcome).error();
    return {};
  }

 private:
  bool start() override { return stream_.start_connected(*this); }
  void on_cancel(Code why) override { stream_.cancel(*this, why); }

  SocketStream& stream_;
};

class SocketListener final : public Listener, private Watched {
 public:
  SocketListener(EpollShard& shard, int descriptor, std::shared_ptr<const Credentials> credentials)
      : shard_(shard), descriptor_(descriptor), credentials_(std::move(credentials)) {}
  ~SocketListener() override {
    check(waiting_ == nullptr, "a listener in use was destroyed");
    shard_.forget(descriptor_, *this);
    close(descriptor_);
  }

  Status watch() { return shard_.watch(descriptor_, *this); }
  Address address() const override { return bound_address(descriptor_); }
  Task<Result<std::unique_ptr<Stream>>> accept() override;

 private:
  // Waits for the next connection to be there.
  class Arrival final : public Wait {
   public:
    Arrival(EpollShard& shard, SocketListener& listener) : Wait(shard), listener_(listener) {}
    Status await_resume() {
      if (!outcome) return std::move(outcome).error();
      return {};
    }

   private:
    friend class SocketListener;
    bool start() override {
      listener_.waiting_ = this;
      return false;
    }
    void on_cancel(Code why) override {
      if (listener_.waiting_ != this) return;
      listener_.waiting_ = nullptr;
      outcome = cancelled_fault(why);
      shard_.make_ready(*this);
    }
    SocketListener& listener_;
  };

  void on_ready(Readiness) override {
    if (Arrival* arrival = std::exchange(waiting_, nullptr)) shard_.make_ready(*arrival);
  }

  EpollShard& shard_;
  int descriptor_;
  std::shared_ptr<const Credentials> credentials_;
  Arrival* waiting_ = nullptr;
};

Task<Result<std::unique_ptr<Stream>>> SocketListener::accept() {
  for (;;) {
    const int descriptor = accept4(descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) {
      set_no_delay(descriptor);
      auto stream = std::make_unique<SocketStream>(shard_, descriptor);
      CO_TRY_DO(stream->watch());
      if (!credentials_) co_return std::unique_ptr<Stream>(std::move(stream));
      co_return make_tls_server(shard_, std::move(stream), *credentials_);
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno != EAGAIN) co_return socket_fault(errno);
    Arrival arrival(shard_, *this);
    const Status arrived = co_await arrival;
    if (!arrived) co_return arrived.error();
  }
}

Task<Result<SocketAddress>> find_address(EpollShard& shard, Address address) {
  auto numeric = numeric_address(address);
  if (numeric) co_return numeric;
  auto resolved = co_await offload(shard, [address] { return resolve_address(address); });
  co_return resolved;
}

}  // namespace

Task<Result<std::unique_ptr<Stream>>> KernelNetwork::connect(ConnectOptions options) {
  CO_TRY(const SocketAddress address, co_await find_address(shard_, options.address));
  const int descriptor = socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) co_return socket_fault(errno);
  set_no_delay(descriptor);
  set_keep_alive(descriptor);
  const int started = ::connect(descriptor, address.get(), address.size);
  const int error = started == 0 ? 0 : errno;
  auto stream = std::make_unique<SocketStream>(shard_, descriptor);
  if (error != 0 && error != EINPROGRESS) {
    co_return socket_fault(error);
  }
  CO_TRY_DO(stream->watch());
  if (error == EINPROGRESS) {
    Connected wait(shard_, *stream);
    const Status connected = co_await wait;
    if (!connected) co_return connected.error();
  }
  if (!options.credentials) co_return std::unique_ptr<Stream>(std::move(stream));
  auto secured =
      co_await connect_tls(shard_, std::move(stream), options.credentials, options.server_name);
  co_return secured;
}

Result<std::unique_ptr<Listener>> KernelNetwork::listen(ListenOptions options) {
  TRY(const SocketAddress address, resolve_address(options.address));
  const int descriptor = socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return socket_fault(errno);
  auto listener = std::make_unique<SocketListener>(shard_, descriptor, options.credentials);
  const int on = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (options.share_port) setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (bind(descriptor, address.get(), address.size) != 0 || ::listen(descriptor, backlog) != 0) {
    return Fault{Code::bad_configuration, Retry::never,
                 "cannot listen on " + to_string(options.address) + ": " +
                     (errno == EADDRINUSE ? "the port is taken by another process"
                                          : socket_fault(errno).message)};
  }
  TRY_DO(listener->watch());
  return listener;
}

Result<std::shared_ptr<const Credentials>> KernelNetwork::make_credentials(TlsMaterial material) {
  TRY(auto made, make_tls_credentials(material));
  std::erase_if(made_, [](const Made& each) { return each.credentials.expired(); });
  made_.push_back({made, std::move(material)});
  return std::shared_ptr<const Credentials>(std::move(made));
}

Result<std::size_t> KernelNetwork::renew(const TlsMaterial& old, const TlsMaterial& fresh) {
  // All of them are made before the first is exchanged.
  std::vector<std::pair<Made*, std::shared_ptr<TlsCredentials>>> exchanges;
  for (auto& each : made_) {
    auto& material = each.material;
    if (each.credentials.expired() || old.certificate.empty() || material.key != old.key ||
        !material.certificate.starts_with(old.certificate)) {
      continue;
    }
    auto renewed = material;
    renewed.certificate = fresh.certificate + material.certificate.substr(old.certificate.size());
    renewed.key = fresh.key;
    if (material.authority == old.authority) renewed.authority = fresh.authority;
    TRY(auto made, make_tls_credentials(renewed));
    exchanges.emplace_back(&each, std::move(made));
    material = std::move(renewed);
  }
  for (auto& [each, made] : exchanges) {
    if (const auto held = each->credentials.lock()) held->exchange(*made);
  }
  return exchanges.size();
}

}  // namespace portolan::runtime
