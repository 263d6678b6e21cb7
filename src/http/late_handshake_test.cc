#include <gtest/gtest.h>

#include <memory>

#include "http/client.h"
#include "runtime/wait.h"
#include "virtual/universe.h"
#include "virtual/virtual_shard.h"

namespace portolan::http {
namespace {

using runtime::Task;

// Two machines so far apart that a connection takes 1.4 s, of which a caller
// waits for one.
struct Far {
  Far() : server(universe.add_machine("server")), client(universe.add_machine("client")) {
    auto made = server.network().listen({{"server", 80}, false, nullptr});
    check(made.has_value(), "a new machine has the port");
    listener = std::move(*made);
    universe.links().slow_down({"client", "server"}, Duration::milliseconds(700));
    universe.links().slow_down({"server", "client"}, Duration::milliseconds(700));
    pool = std::make_unique<Pool>(client, Origin{listener->address(), nullptr, "", ""});
  }

  Instant within(int milliseconds) const {
    return client.now() + Duration::milliseconds(milliseconds);
  }

  void play(Task<void> (*scene)(Far&)) {
    constexpr auto whole = [](Far& far, Task<void> (*plays)(Far&)) -> Task<void> {
      co_await plays(far);
      co_await far.pool->close();
    };
    EXPECT_TRUE(universe.run(whole(*this, scene), Duration::seconds(60)));
  }

  virtual_time::Universe universe{1};
  virtual_time::VirtualShard& server;
  virtual_time::VirtualShard& client;
  std::unique_ptr<runtime::Listener> listener;
  std::unique_ptr<Pool> pool;
};

Task<void> wait_for(Far& far, int milliseconds) {
  const Instant when = far.within(milliseconds);
  const Status slept = co_await runtime::sleep_until(far.client, when);
  EXPECT_TRUE(slept.has_value());
}

Task<void> borrow_too_early(Far& far) {
  const Instant deadline = far.within(1'000);
  const auto exchange = co_await far.pool->borrow(deadline);
  EXPECT_EQ(exchange.error().code, Code::deadline_exceeded);
  EXPECT_EQ(exchange.error().retry, Retry::elsewhere);
}

TEST(LateHandshake, IsThereForTheNextRequest) {
  Far far;
  far.play([](Far& all) -> Task<void> {
    co_await borrow_too_early(all);
    EXPECT_EQ(all.pool->idle(), 0u);
    co_await wait_for(all, 1'000);
    EXPECT_EQ(all.pool->idle(), 1u);
    const Instant at_once = all.within(1);
    const auto exchange = co_await all.pool->borrow(at_once);
    EXPECT_TRUE(exchange.has_value());
    EXPECT_TRUE(exchange->reused());
  });
}

TEST(LateHandshake, IsOneOfFew) {
  Far far;
  far.play([](Far& all) -> Task<void> {
    runtime::Gate callers(all.client, 100);
    for (int i = 0; i < 20; ++i) callers.start(borrow_too_early(all));
    co_await callers.drain();
    co_await wait_for(all, 1'000);
    EXPECT_EQ(all.pool->idle(), limits::late_handshakes_max.count());
  });
}

TEST(LateHandshake, IsGivenUpWhereNobodyAnswers) {
  Far far;
  far.universe.block({"server", "client"});
  far.play([](Far& all) -> Task<void> {
    // Each time all places are taken; ten seconds later they are free again.
    for (int round = 0; round < 3; ++round) {
      co_await borrow_too_early(all);
      co_await wait_for(all, 12'000);
      EXPECT_EQ(all.pool->idle(), 0u);
    }
    all.universe.unblock({"server", "client"});
    co_await borrow_too_early(all);
    co_await wait_for(all, 1'000);
    EXPECT_EQ(all.pool->idle(), 1u);
  });
}

TEST(LateHandshake, EndsWithItsPool) {
  Far far;
  far.universe.block({"server", "client"});
  const Instant began = far.universe.now();
  far.play([](Far& all) -> Task<void> { co_await borrow_too_early(all); });
  EXPECT_LT(far.universe.now() - began, Duration::milliseconds(1'100));
}

}  // namespace
}  // namespace portolan::http
