#pragma once

#include <memory>
#include <string>
#include <utility>

#include "http/client.h"
#include "http/server_test_support.h"

// For tests: a peer that answers with exactly the bytes it is told to.
namespace portolan::http::testing {

// A listener and a pool of connections to it.
class Counterpart {
 public:
  explicit Counterpart(runtime::Shard& on) : shard(on), listener(listen(on)), pool(on, origin()) {}

  // The next connection that the pool opens, from the other side.
  Task<Caller> accept() {
    auto stream = co_await listener->accept();
    check(stream.has_value(), "no connection came");
    co_return Caller(shard, std::move(*stream));
  }

  Instant soon() const { return shard.now() + Duration::seconds(60); }
  Origin origin() const { return {listener->address(), nullptr, "", ""}; }

  runtime::Shard& shard;
  std::unique_ptr<runtime::Listener> listener;
  Pool pool;

 private:
  static std::unique_ptr<runtime::Listener> listen(runtime::Shard& on) {
    auto made = on.network().listen({{"127.0.0.1", 0}, false, nullptr});
    check(made.has_value(), "no port to listen on");
    return std::move(*made);
  }
};

inline void perform_with(Task<void> (*play)(Counterpart&)) {
  constexpr auto scene = [](runtime::Shard& shard,
                            Task<void> (*plays)(Counterpart&)) -> Task<void> {
    Counterpart peer(shard);
    co_await plays(peer);
    co_await peer.pool.close();
  };
  runtime::EpollShard shard;
  shard.run(scene(shard, play));
}

inline Task<void> send_get(ClientExchange& exchange) {
  const std::string method = "GET";
  const std::string target = "/";
  const OwnedFields fields;
  const std::string no_body;
  const auto sent = co_await exchange.send(method, target, fields, no_body);
  check(sent.has_value(), "no request");
}

// A whole exchange with a peer that answers so; "!" and the code on a fault.
inline Task<std::string> ask_and_answer(Counterpart& peer, const char* answer, bool then_close) {
  const Instant deadline = peer.soon();
  auto exchange = co_await peer.pool.connect(deadline);
  check(exchange.has_value(), "no connection");
  auto other = co_await peer.accept();
  co_await send_get(*exchange);
  co_await other.say(answer);
  if (then_close) other.stream().shut_down_write();
  std::string heard;
  const auto head = co_await exchange->read_head();
  if (!head) {
    heard = "!" + std::string(name_of(head.error().code));
    co_return heard;
  }
  heard = std::to_string((*head)->status) + " ";
  const std::size_t bytes_max = 1'000'000;
  const auto body = co_await exchange->read_all(bytes_max);
  heard += body ? *body : "!" + std::string(name_of(body.error().code));
  co_return heard;
}

// The peer's side of a connection that has served once and was given back, its
// answer read to the end or only begun.
inline Task<Caller> serve_once(Counterpart& peer, bool to_the_end) {
  const Instant deadline = peer.soon();
  auto exchange = co_await peer.pool.connect(deadline);
  check(exchange.has_value(), "no connection");
  auto other = co_await peer.accept();
  co_await send_get(*exchange);
  const auto asked = co_await other.hear("\r\n\r\n");
  check(!asked.empty(), "no request came");
  co_await other.say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  const auto head = co_await exchange->read_head();
  check(head.has_value(), "no answer");
  if (to_the_end) {
    const auto body = co_await exchange->read_all(100);
    check(body.has_value(), "no body");
  }
  co_return other;
}

}  // namespace portolan::http::testing
