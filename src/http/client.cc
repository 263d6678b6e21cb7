#include "http/client.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "http/client_connection.h"
#include "runtime/combine.h"
#include "runtime/wait.h"

namespace portolan::http {
namespace {

constexpr std::uint16_t port_of_http = 80;
constexpr std::uint16_t port_of_https = 443;
// Turns of the loop from a peer's end at the socket to the end of our read: it is
// polled and reported in one, heard in the next; TLS takes one more.
constexpr int turns_until_known = 2;
constexpr int turns_until_known_tls = 3;

std::string host_of(const Origin& origin) {
  const runtime::Address named{
      origin.server_name.empty() ? origin.address.host : origin.server_name, origin.address.port};
  const std::uint16_t usual = origin.credentials ? port_of_https : port_of_http;
  std::string host = to_string(named);
  if (named.port == usual) host.resize(host.rfind(':'));
  return host;
}

}  // namespace

// A connection that is being made, and who wants it.
struct Handshake {
  explicit Handshake(runtime::Shard& shard) : done(shard) {}

  runtime::Event done;
  bool wanted = true;
  runtime::CancelScope* scope = nullptr;  // while it goes on
  std::optional<Result<std::unique_ptr<runtime::Stream>>> stream;
};

ClientExchange::ClientExchange(Pool& pool, std::unique_ptr<ClientConnection> connection)
    : pool_(&pool), connection_(std::move(connection)) {}

ClientExchange::ClientExchange(ClientExchange&&) noexcept = default;

ClientExchange::~ClientExchange() {
  if (connection_) pool_->take_back(std::move(connection_));
}

runtime::Task<Status> ClientExchange::send(std::string method, std::string target,
                                           OwnedFields fields, std::string body) {
  return connection_->send(std::move(method), std::move(target), std::move(fields),
                           std::move(body));
}

runtime::Task<Result<const wire::ResponseHead*>> ClientExchange::read_head() {
  return connection_->read_head();
}

runtime::Task<Result<std::string_view>> ClientExchange::read_some() {
  return connection_->read_some();
}

runtime::Task<Result<std::string>> ClientExchange::read_all(std::size_t bytes_max) {
  std::string body;
  for (;;) {
    CO_TRY(const std::string_view piece, co_await read_some());
    if (piece.empty()) co_return body;
    if (piece.size() > bytes_max - body.size()) {
      co_return Fault{Code::limit_exceeded, Retry::never,
                      "the answer has more than " + std::to_string(bytes_max) + " bytes"};
    }
    body.append(piece);
  }
}

bool ClientExchange::reused() const { return connection_->reused(); }
std::string ClientExchange::peer_identity() const { return connection_->stream().peer_identity(); }

Pool::Pool(runtime::Shard& shard, Origin origin)
    : shard_(shard),
      origin_(std::move(origin)),
      host_(host_of(origin_)),
      ending_(shard, std::numeric_limits<std::size_t>::max()),
      handshakes_(shard, std::numeric_limits<std::size_t>::max()),
      back_(shard) {}

Pool::~Pool() { check(lent_ == 0 && idle_.empty(), "a pool is closed before it goes"); }

std::size_t Pool::idle() const { return idle_.size(); }

ClientExchange Pool::lend(std::unique_ptr<ClientConnection> connection) {
  connection->wake();
  return ClientExchange(*this, std::move(connection));
}

runtime::Task<Result<ClientExchange>> Pool::borrow(Instant deadline) {
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    ++lent_;
    auto exchange = lend(std::move(connection));
    // So that an end which the kernel knows of is known here.
    const int turns = origin_.credentials ? turns_until_known_tls : turns_until_known;
    for (int turn = 0; turn < turns; ++turn) co_await runtime::yield(shard_);
    if (exchange.connection_->is_quiet() && !closed_) co_return exchange;
  }
  auto fresh = co_await connect(deadline);
  co_return fresh;
}

runtime::Task<Result<std::unique_ptr<runtime::Stream>>> Pool::connect_stream() {
  runtime::ConnectOptions options{origin_.address, origin_.credentials, origin_.server_name};
  CO_TRY(auto stream, co_await shard_.network().connect(options));
  if (!origin_.identity.empty() && stream->peer_identity() != origin_.identity) {
    const std::string shown = stream->peer_identity();
    co_return Fault{Code::untrusted_peer, Retry::elsewhere,
                    "the peer at " + to_string(origin_.address) + " is " +
                        (shown.empty() ? "nobody" : shown) + ", not " + origin_.identity};
  }
  co_return stream;
}

runtime::Task<void> Pool::shake_hands(std::shared_ptr<Handshake> handshake) {
  const Instant given_up = shard_.now() + limits::late_handshake_ms.milliseconds();
  runtime::CancelScope* outer = co_await runtime::CurrentScope{};
  runtime::DeadlineScope scope(shard_, outer, given_up);
  handshake->scope = &scope;
  auto connecting = connect_stream();
  auto stream = co_await std::move(connecting).under(scope);
  handshake->scope = nullptr;
  if (handshake->wanted) {
    handshake->stream = std::move(stream);
    handshake->done.notify_all();
    co_return;
  }
  --late_;
  if (!stream || closed_ || idle_.size() >= limits::pooled_connections_max.count()) co_return;
  keep(std::make_unique<ClientConnection>(*this, std::move(*stream)));
}

// Nobody waits for it any more.
void Pool::leave(Handshake& handshake) {
  handshake.wanted = false;
  ++late_;
  if (late_ > limits::late_handshakes_max.count()) handshake.scope->cancel();
}

runtime::Task<Result<std::unique_ptr<runtime::Stream>>> Pool::await(
    std::shared_ptr<Handshake> handshake) {
  while (!handshake->stream) {
    const Status waited = co_await handshake->done.wait();
    if (waited) continue;
    if (handshake->stream) break;
    leave(*handshake);
    co_return waited.error();
  }
  co_return std::move(*handshake->stream);
}

runtime::Task<Result<ClientExchange>> Pool::connect(Instant deadline) {
  if (closed_) co_return Fault{Code::cancelled, Retry::never, "the pool is closed"};
  ++lent_;
  auto handshake = std::make_shared<Handshake>(shard_);
  handshakes_.start(shake_hands(handshake));
  auto waiting = await(handshake);
  auto stream = co_await runtime::until(shard_, deadline, std::move(waiting));
  if (!stream) {
    take_back(nullptr);
    Fault fault = std::move(stream).error();
    // No work has begun.
    if (fault.code == Code::deadline_exceeded) fault.retry = Retry::elsewhere;
    co_return fault;
  }
  co_return lend(std::make_unique<ClientConnection>(*this, std::move(*stream)));
}

void Pool::take_back(std::unique_ptr<ClientConnection> connection) {
  if (connection) {
    const bool may_stay = !closed_ && idle_.size() < limits::pooled_connections_max.count() &&
                          connection->may_serve_again();
    if (may_stay) {
      keep(std::move(connection));
    } else {
      discard(std::move(connection));
    }
  }
  --lent_;
  if (lent_ == 0) back_.notify_all();
}

void Pool::keep(std::unique_ptr<ClientConnection> connection) {
  idle_.push_back(std::move(connection));
  idle_.back()->rest();
}

void Pool::drop(ClientConnection& connection) {
  const auto found = std::ranges::find(idle_, &connection, &std::unique_ptr<ClientConnection>::get);
  if (found == idle_.end()) return;
  discard(std::exchange(*found, nullptr));
  idle_.erase(found);
}

void Pool::discard(std::unique_ptr<ClientConnection> connection) {
  constexpr auto end = [](std::unique_ptr<ClientConnection> ending) -> runtime::Task<void> {
    co_await ending->stop_reading();
  };
  connection->stream().shut_down_write();
  if (connection->reading()) ending_.start(end(std::move(connection)));
}

runtime::Task<Status> Pool::await_all_back() {
  while (lent_ > 0) {
    CO_TRY_DO(co_await back_.wait());
  }
  co_return Status();
}

runtime::Task<void> Pool::close() {
  closed_ = true;
  co_await handshakes_.close();
  while (!idle_.empty()) {
    discard(std::move(idle_.back()));
    idle_.pop_back();
  }
  auto waiting = await_all_back();
  const auto back = co_await runtime::uncancelled(std::move(waiting));
  check(back.has_value(), "nobody can cancel this wait");
  co_await ending_.drain();
}

}  // namespace portolan::http
