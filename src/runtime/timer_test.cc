#include "runtime/timer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/random.h"

namespace portolan::runtime {
namespace {

struct TestTimer final : Timer {
  void fired() override {}
};

TEST(TimerQueue, FiresNothingEarly) {
  TimerQueue queue;
  TestTimer timer;
  queue.arm(timer, Instant{5});
  EXPECT_EQ(queue.take_due(Instant{4}), nullptr);
  EXPECT_TRUE(timer.armed());
  EXPECT_EQ(queue.take_due(Instant{5}), &timer);
  EXPECT_FALSE(timer.armed());
  EXPECT_EQ(queue.soonest(), Instant::never());
}

TEST(TimerQueue, NeverFiresADisarmedTimer) {
  TimerQueue queue;
  TestTimer first;
  TestTimer other;
  queue.arm(first, Instant{1});
  queue.arm(other, Instant{2});
  queue.disarm(first);
  queue.disarm(first);
  EXPECT_EQ(queue.take_due(Instant{9}), &other);
  EXPECT_EQ(queue.take_due(Instant{9}), nullptr);
}

TEST(TimerQueue, FiresEqualInstantsInTheOrderOfArming) {
  TimerQueue queue;
  std::vector<TestTimer> timers(50);
  for (TestTimer& timer : timers) queue.arm(timer, Instant{7});
  for (TestTimer& timer : timers) EXPECT_EQ(queue.take_due(Instant{7}), &timer);
}

TEST(TimerQueue, FiresInOrderWhateverIsDisarmedBetween) {
  Random random(42);
  for (int round = 0; round < 200; ++round) {
    TimerQueue queue;
    std::vector<TestTimer> timers(64);
    std::size_t armed = 0;
    for (int step = 0; step < 300; ++step) {
      TestTimer& timer = timers[random.below(timers.size())];
      if (timer.armed()) {
        queue.disarm(timer);
        --armed;
      } else {
        queue.arm(timer, Instant{static_cast<std::int64_t>(random.below(100))});
        ++armed;
      }
    }
    Instant last{-1};
    while (Timer* timer = queue.take_due(Instant::never())) {
      EXPECT_LE(last, timer->when());
      last = timer->when();
      --armed;
    }
    EXPECT_EQ(armed, 0u);
  }
}

}  // namespace
}  // namespace portolan::runtime
