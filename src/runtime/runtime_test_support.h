#pragma once

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "runtime/combine.h"
#include "runtime/epoll_shard.h"
#include "runtime/gate.h"
#include "runtime/wait.h"

// For tests: scenes on a real shard, and pairs of connected streams.
namespace portolan::runtime::testing {

inline void perform(Task<void> (*play)(EpollShard&)) {
  EpollShard shard;
  shard.run(play(shard));
}

struct Pair {
  std::unique_ptr<Stream> client;
  std::unique_ptr<Stream> server;
};

inline std::unique_ptr<Listener> listen(Shard& shard,
                                        std::shared_ptr<const Credentials> credentials = nullptr) {
  auto listener = shard.network().listen({{"127.0.0.1", 0}, false, std::move(credentials)});
  check(listener.has_value(), "no port to listen on");
  return std::move(*listener);
}

inline Task<Result<std::unique_ptr<Stream>>> accept_and_greet(Shard& shard, Listener& listener) {
  CO_TRY(auto stream, co_await listener.accept());
  // Of a TLS stream this makes the handshake.
  const std::span<const std::string_view> nothing;
  CO_TRY_DO(co_await write_all(shard, *stream, nothing));
  co_return stream;
}

// Two ends of one connection over this machine; with credentials in TLS.
inline Task<Pair> connect_pair(Shard& shard, std::shared_ptr<const Credentials> credentials) {
  auto listener = listen(shard, credentials);
  ConnectOptions options{listener->address(), credentials, ""};
  auto connecting = shard.network().connect(options);
  auto accepting = accept_and_greet(shard, *listener);
  // Neither cancels the other: each is awaited to its end.
  constexpr auto keep = [](Task<Result<std::unique_ptr<Stream>>> work,
                           std::unique_ptr<Stream>& into) -> Task<void> {
    auto stream = co_await std::move(work);
    check(stream.has_value(), "no connection");
    into = std::move(*stream);
  };
  Pair pair;
  Gate gate(shard, 2);
  gate.start(keep(std::move(connecting), pair.client));
  gate.start(keep(std::move(accepting), pair.server));
  co_await gate.drain();
  co_return pair;
}

inline Task<Status> write_text(Shard& shard, Stream& stream, std::string text) {
  const std::array<std::string_view, 1> pieces{text};
  auto written = co_await write_all(shard, stream, pieces);
  co_return written;
}

// One read; "" at the end and "!code" on a fault.
inline Task<std::string> read_text(Shard& shard, Stream& stream, std::size_t bytes_max) {
  std::string text(bytes_max, '\0');
  const auto got = co_await read_some(shard, stream, text);
  if (!got) co_return "!" + std::string(name_of(got.error().code));
  text.resize(*got);
  co_return text;
}

// Reads until the end.
inline Task<std::size_t> read_to_end(Shard& shard, Stream& stream) {
  std::size_t total = 0;
  for (;;) {
    std::array<char, 16 * 1024> bytes;
    const auto got = co_await read_some(shard, stream, bytes);
    if (!got || *got == 0) co_return total;
    total += *got;
  }
}

}  // namespace portolan::runtime::testing
