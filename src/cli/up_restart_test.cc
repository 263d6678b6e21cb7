#include "cli/up_restart.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace portolan::cli {
namespace {

TEST(UpRestart, WaitsLongerWithEveryDeathUpToItsBound) {
  Deaths deaths;
  std::vector<std::int64_t> seconds;
  for (int i = 0; i < 6; ++i) {
    deaths = count_death(deaths, Duration::milliseconds(5));
    seconds.push_back(restart_delay(deaths).milliseconds() / 1000);
  }
  EXPECT_EQ(seconds, (std::vector<std::int64_t>{1, 2, 4, 8, 10, 10}));
}

TEST(UpRestart, ForgetsDeathsAfterALifeThatWasWell) {
  EXPECT_EQ(count_death({9}, lived_well), Deaths{1});
}

RC_GTEST_PROP(UpRestart, NeverWaitsLessOrMoreThanItsBounds, (unsigned in_a_row)) {
  const Duration delay = restart_delay({in_a_row});
  RC_ASSERT(delay >= restart_delay_least);
  RC_ASSERT(delay <= restart_delay_most);
}

}  // namespace
}  // namespace portolan::cli
