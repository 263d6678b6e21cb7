#include "runtime/epoll_shard.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "runtime/event.h"
#include "runtime/offload.h"
#include "runtime/runtime_test_support.h"
#include "runtime/tls_test_support.h"

namespace portolan::runtime {
namespace {

using namespace testing;

TEST(Shard, IsTouchedFromItsOwnThreadAlone) {
  EpollShard shard;
  EXPECT_DEATH(std::thread([&] { shard.assert_here(); }).join(), "its own thread");
}

TEST(Offload, ComputesOnAnotherThread) {
  perform([](EpollShard& shard) -> Task<void> {
    const auto here = std::this_thread::get_id();
    int right = 0;
    for (int i = 0; i < 100; ++i) {
      const auto square = [i, here] { return std::this_thread::get_id() == here ? -1 : i * i; };
      const auto value = co_await offload(shard, square);
      right += value == i * i ? 1 : 0;
    }
    EXPECT_EQ(right, 100);
  });
}

TEST(Offload, OfMuchWorkAtOnceIsAllDone) {
  perform([](EpollShard& shard) -> Task<void> {
    std::atomic<int> done = 0;
    constexpr auto one = [](Shard& on, std::atomic<int>& count) -> Task<void> {
      const auto work = [&count] { return ++count; };
      const auto value = co_await offload(on, work);
      EXPECT_GT(value, 0);
    };
    Gate gate(shard, 1000);
    for (int i = 0; i < 1000; ++i) gate.start(one(shard, done));
    co_await gate.drain();
    EXPECT_EQ(done, 1000);
  });
}

TEST(Call, ReachesTheShardFromOtherThreads) {
  perform([](EpollShard& shard) -> Task<void> {
    constexpr int threads = 4;
    constexpr int calls = 500;
    int count = 0;  // no atomic: the shard's thread alone counts
    Event told(shard);
    std::vector<std::jthread> callers;
    for (int t = 0; t < threads; ++t) {
      callers.emplace_back([&] {
        for (int i = 0; i < calls; ++i) {
          shard.call([&] {
            shard.assert_here();
            if (++count == threads * calls) told.notify_all();
          });
        }
      });
    }
    const auto all = co_await told.wait();
    EXPECT_TRUE(all.has_value());
    EXPECT_EQ(count, threads * calls);
  });
}

TEST(Yield, LetsOthersRunFirst) {
  perform([](EpollShard& shard) -> Task<void> {
    std::string order;
    constexpr auto write_down = [](Shard& on, std::string& into, char name) -> Task<void> {
      for (int i = 0; i < 3; ++i) {
        into += name;
        co_await yield(on);
      }
    };
    Gate gate(shard, 2);
    gate.start(write_down(shard, order, 'a'));
    gate.start(write_down(shard, order, 'b'));
    co_await gate.drain();
    EXPECT_EQ(order, "ababab");
  });
}

// A TLS stream lets go of the stream below when that one's read has ended.
TEST(Run, EndsWhatItsRootLeftBehind) {
  perform([](EpollShard& shard) -> Task<void> {
    const TestAuthority authority;
    const auto credentials = shard.network().make_credentials(authority.issue("spiffe://n/x"));
    auto pair = co_await connect_pair(shard, *credentials);
    const Instant deadline = shard.now() + Duration::milliseconds(5);
    auto reading = read_text(shard, *pair.client, 10);
    const auto early = co_await until(shard, deadline, std::move(reading));
    EXPECT_EQ(early, "!deadline_exceeded");
  });
}

}  // namespace
}  // namespace portolan::runtime
