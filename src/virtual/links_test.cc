#include "virtual/links.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "runtime/combine.h"
#include "runtime/gate.h"
#include "runtime/wait.h"
#include "virtual/universe.h"
#include "virtual/virtual_shard.h"

namespace portolan::virtual_time {
namespace {

using runtime::Task;

constexpr Duration patience = Duration::seconds(10);

// A connection between two machines, and what came of a read at the server.
struct Pair {
  explicit Pair(std::uint64_t seed)
      : universe(seed), server(universe.add_machine("server")), client(universe.add_machine("client")) {
    listener = std::move(*server.network().listen({.address = {"server", 80},
                                                   .share_port = false,
                                                   .credentials = nullptr}));
  }

  Universe universe;
  VirtualShard& server;
  VirtualShard& client;
  std::unique_ptr<runtime::Listener> listener;
  std::unique_ptr<runtime::Stream> here;
  std::unique_ptr<runtime::Stream> there;
  Status connected;
  std::string arrived;
  std::optional<Fault> broken;
};

Task<Status> connect(Pair& pair) {
  runtime::ConnectOptions options;
  options.address = {"server", 80};
  auto connecting = pair.client.network().connect(options);
  const Instant deadline = pair.client.now() + patience;
  CO_TRY(pair.here, co_await runtime::until(pair.client, deadline, std::move(connecting)));
  CO_TRY(pair.there, co_await pair.listener->accept());
  co_return Status{};
}

Task<Status> send(Pair& pair, std::string text) {
  const std::array pieces = {std::string_view(text)};
  const Status sent = co_await runtime::write_all(pair.client, *pair.here, pieces);
  co_return sent;
}

Task<void> read_on(Pair& pair) {
  for (;;) {
    std::array<char, 64> bytes;
    const auto got = co_await runtime::read_some(pair.server, *pair.there, bytes);
    if (!got) pair.broken = got.error();
    if (!got || *got == 0) co_return;
    pair.arrived.append(bytes.data(), *got);
  }
}

Task<void> send_into_a_part(Pair& pair) {
  pair.connected = co_await connect(pair);
  runtime::Gate reader(pair.server, 1);
  reader.start(read_on(pair));
  const Links::Way way{"client", "server"};
  pair.universe.block(way);
  (void)co_await send(pair, "one ");
  (void)co_await send(pair, "two ");
  (void)co_await runtime::sleep_for(pair.client, Duration::seconds(1));
  EXPECT_EQ(pair.arrived, "");
  pair.universe.unblock(way);
  (void)co_await send(pair, "three");
  (void)co_await runtime::sleep_for(pair.client, Duration::seconds(1));
  co_await reader.close();
}

TEST(Links, BytesOnAWayThatIsBlockedArriveInOrderWhenItIsOpen) {
  Pair pair(1);
  EXPECT_TRUE(pair.universe.run(send_into_a_part(pair), Duration::hours(1)));
  EXPECT_TRUE(pair.connected);
  EXPECT_EQ(pair.arrived, "one two three");
}

Task<void> connect_with_no_way_back(Pair& pair) {
  pair.universe.block({"server", "client"});
  pair.connected = co_await connect(pair);
}

TEST(Links, AConnectGetsNoAnswerWhereOneWayIsBlocked) {
  Pair pair(1);
  EXPECT_TRUE(pair.universe.run(connect_with_no_way_back(pair), Duration::hours(1)));
  ASSERT_FALSE(pair.connected);
  EXPECT_EQ(pair.connected.error().code, Code::deadline_exceeded);
}

// The server's machine hears nothing of the client's end until it sends.
Task<void> lose_the_clients_power(Pair& pair) {
  pair.connected = co_await connect(pair);
  runtime::Gate reader(pair.server, 1);
  reader.start(read_on(pair));
  pair.universe.cut_power(pair.client);
  pair.here.reset();
  (void)co_await runtime::sleep_for(pair.server, Duration::seconds(5));
  EXPECT_FALSE(pair.broken) << "nobody told it";
  pair.universe.restore(pair.client);
  std::string word = "are you there";
  const std::array pieces = {std::string_view(word)};
  (void)co_await runtime::write_all(pair.server, *pair.there, pieces);
  (void)co_await runtime::sleep_for(pair.server, Duration::seconds(1));
  co_await reader.close();
}

TEST(Links, AMachineThatLostItsPowerIsSilentUntilItIsBackAndIsSpokenTo) {
  Pair pair(1);
  EXPECT_TRUE(pair.universe.run(lose_the_clients_power(pair), Duration::hours(1)));
  ASSERT_TRUE(pair.broken);
  EXPECT_EQ(pair.broken->code, Code::connection_reset);
}

Task<void> pause_the_server(Pair& pair) {
  pair.connected = co_await connect(pair);
  runtime::Gate reader(pair.server, 1);
  reader.start(read_on(pair));
  pair.universe.pause(pair.server);
  (void)co_await send(pair, "hello");
  (void)co_await runtime::sleep_for(pair.client, Duration::seconds(1));
  EXPECT_EQ(pair.arrived, "") << "nothing runs there";
  pair.universe.resume(pair.server);
  (void)co_await runtime::sleep_for(pair.client, Duration::seconds(1));
  co_await reader.close();
}

TEST(Links, AMachineThatIsPausedGoesOnWithWhatArrivedMeanwhile) {
  Pair pair(1);
  EXPECT_TRUE(pair.universe.run(pause_the_server(pair), Duration::hours(1)));
  EXPECT_EQ(pair.arrived, "hello");
}

}  // namespace
}  // namespace portolan::virtual_time
