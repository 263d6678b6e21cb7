#include "runtime/combine.h"

#include <gtest/gtest.h>

#include "runtime/event.h"
#include "runtime/gate.h"
#include "runtime/runtime_test_support.h"

namespace portolan::runtime {
namespace {

using namespace testing;

Task<Status> sleep(Shard& shard, Duration span) {
  auto slept = co_await sleep_for(shard, span);
  co_return slept;
}

Task<Status> sleep_for_ever(Shard& shard) {
  auto slept = co_await sleep_until(shard, Instant::never());
  co_return slept;
}

// Goes on for a few turns after it was cancelled.
Task<int> end_slowly(Shard& shard, int& ended) {
  const auto slept = co_await sleep_until(shard, Instant::never());
  CancelScope steadfast(nullptr);
  auto more = sleep(shard, Duration::milliseconds(5));
  const auto more_slept = co_await std::move(more).under(steadfast);
  EXPECT_TRUE(more_slept.has_value());
  ++ended;
  co_return slept ? 0 : 1;
}

Task<int> at_once(int value) { co_return value; }

TEST(Until, EndsWorkAtItsDeadline) {
  perform([](EpollShard& shard) -> Task<void> {
    const Instant deadline = shard.now() + Duration::milliseconds(5);
    auto work = sleep_for_ever(shard);
    const auto ended = co_await until(shard, deadline, std::move(work));
    EXPECT_EQ(ended.error().code, Code::deadline_exceeded);
    EXPECT_GE(shard.now(), deadline);
  });
}

TEST(Until, LeavesWorkThatIsInTimeAlone) {
  perform([](EpollShard& shard) -> Task<void> {
    const Instant deadline = shard.now() + Duration::hours(1);
    auto work = sleep(shard, Duration::milliseconds(1));
    const auto ended = co_await until(shard, deadline, std::move(work));
    EXPECT_TRUE(ended.has_value());
  });
}

TEST(Cancelling, IsInheritedAndLasts) {
  perform([](EpollShard& shard) -> Task<void> {
    constexpr auto work = [](Shard& on) -> Task<int> {
      int refused = 0;
      for (int i = 0; i < 3; ++i) {
        auto inner = sleep_for_ever(on);
        const auto slept = co_await std::move(inner);
        refused += slept.error().code == Code::draining ? 1 : 0;
      }
      co_return refused;
    };
    CancelScope scope(nullptr);
    constexpr auto cancel_soon = [](Shard& on, CancelScope& victim) -> Task<void> {
      co_await yield(on);
      victim.cancel(Code::draining);
      victim.cancel(Code::cancelled);
    };
    Gate gate(shard, 1);
    EXPECT_TRUE(gate.start(cancel_soon(shard, scope)));
    auto working = work(shard);
    const int refused = co_await std::move(working).under(scope);
    EXPECT_EQ(refused, 3);
    co_await gate.drain();
  });
}

TEST(Race, ReturnsWhenTheLoserHasEnded) {
  perform([](EpollShard& shard) -> Task<void> {
    int ended = 0;
    auto slow = end_slowly(shard, ended);
    auto quick = sleep(shard, Duration::milliseconds(1));
    auto raced = co_await race(std::move(slow), std::move(quick));
    EXPECT_FALSE(raced.first_won);
    EXPECT_EQ(ended, 1);
    EXPECT_EQ(raced.first, 1);
    EXPECT_TRUE(raced.other->has_value());
  });
}

TEST(Race, NeverBeginsTheOtherWhenTheFirstEndsAtOnce) {
  perform([](EpollShard& shard) -> Task<void> {
    int ended = 0;
    auto first = at_once(7);
    auto other = end_slowly(shard, ended);
    const auto raced = co_await race(std::move(first), std::move(other));
    EXPECT_TRUE(raced.first_won);
    EXPECT_EQ(raced.first, 7);
    EXPECT_FALSE(raced.other.has_value());
    EXPECT_EQ(ended, 0);
  });
}

TEST(Race, CancelsTheFirstWhenTheOtherEndsAtOnce) {
  perform([](EpollShard& shard) -> Task<void> {
    int ended = 0;
    auto first = end_slowly(shard, ended);
    auto other = at_once(7);
    const auto raced = co_await race(std::move(first), std::move(other));
    EXPECT_FALSE(raced.first_won);
    EXPECT_EQ(raced.first, 1);
    EXPECT_EQ(raced.other, 7);
  });
}

TEST(Race, IsCancelledAsAWhole) {
  perform([](EpollShard& shard) -> Task<void> {
    constexpr auto work = [](Shard& on) -> Task<Status> {
      auto first = sleep_for_ever(on);
      auto other = sleep_for_ever(on);
      auto raced = co_await race(std::move(first), std::move(other));
      EXPECT_EQ(raced.other->error().code, Code::deadline_exceeded);
      co_return *raced.first;
    };
    const Instant deadline = shard.now() + Duration::milliseconds(5);
    auto working = work(shard);
    const auto ended = co_await until(shard, deadline, std::move(working));
    EXPECT_EQ(ended.error().code, Code::deadline_exceeded);
  });
}

TEST(Uncancelled, RunsToItsEndUnderACancelledScope) {
  perform([](EpollShard& shard) -> Task<void> {
    constexpr auto work = [](Shard& on) -> Task<Status> {
      auto inner = sleep(on, Duration::milliseconds(1));
      auto slept = co_await uncancelled(std::move(inner));
      co_return slept;
    };
    CancelScope scope(nullptr);
    scope.cancel();
    auto working = work(shard);
    const auto slept = co_await std::move(working).under(scope);
    EXPECT_TRUE(slept.has_value());
  });
}

Task<void> count_until_cancelled(Shard& shard, int& ended) {
  const auto slept = co_await sleep_until(shard, Instant::never());
  EXPECT_FALSE(slept.has_value());
  ++ended;
}

TEST(Gate, StartsNothingBeyondItsBoundOrBehindItsEnd) {
  perform([](EpollShard& shard) -> Task<void> {
    int ended = 0;
    Gate gate(shard, 2);
    EXPECT_TRUE(gate.start(count_until_cancelled(shard, ended)));
    EXPECT_TRUE(gate.start(count_until_cancelled(shard, ended)));
    EXPECT_FALSE(gate.start(count_until_cancelled(shard, ended)));
    EXPECT_EQ(gate.running(), 2u);
    co_await gate.close();
    EXPECT_EQ(ended, 2);
    EXPECT_EQ(gate.running(), 0u);
    EXPECT_FALSE(gate.start(count_until_cancelled(shard, ended)));
  });
}

TEST(Gate, IsAwaitedToItsEndByACancelledOwner) {
  perform([](EpollShard& shard) -> Task<void> {
    constexpr auto own = [](Shard& on, int& ended) -> Task<void> {
      Gate gate(on, 1);
      gate.start(count_until_cancelled(on, ended));
      co_await gate.close();
      EXPECT_EQ(ended, 1);
    };
    int ended = 0;
    CancelScope scope(nullptr);
    scope.cancel();
    auto owning = own(shard, ended);
    co_await std::move(owning).under(scope);
    EXPECT_EQ(ended, 1);
  });
}

TEST(Event, WakesThoseWhoWaitAndNobodyLater) {
  perform([](EpollShard& shard) -> Task<void> {
    constexpr auto wait = [](Event& event, int& woken, int& cancelled) -> Task<void> {
      const auto told = co_await event.wait();
      ++(told ? woken : cancelled);
    };
    int woken = 0;
    int cancelled = 0;
    Event event(shard);
    event.notify_all();
    Gate early(shard, 8);
    Gate late(shard, 8);
    for (int i = 0; i < 3; ++i) early.start(wait(event, woken, cancelled));
    event.notify_all();
    for (int i = 0; i < 2; ++i) late.start(wait(event, woken, cancelled));
    co_await early.drain();
    EXPECT_EQ(woken, 3);
    EXPECT_EQ(late.running(), 2u);
    co_await late.close();
    EXPECT_EQ(woken, 3);
    EXPECT_EQ(cancelled, 2);
  });
}

}  // namespace
}  // namespace portolan::runtime
