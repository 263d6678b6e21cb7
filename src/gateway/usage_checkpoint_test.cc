#include "gateway/usage_checkpoint.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "gateway/usage_limits.h"

namespace portolan::gateway {
namespace {

wire::UsageCounts counts(std::uint64_t prompt, std::uint64_t completion) {
  return {.prompt = {prompt}, .completion = {completion}, .cached = {}, .estimated = prompt == 0};
}

TEST(UsageCheckpoint, NothingIsDueWhileNothingIsCounted) {
  EXPECT_FALSE(checkpoint_due(counts(0, 0), {}));
}

TEST(UsageCheckpoint, TheFirstCountsAreDue) {
  EXPECT_TRUE(checkpoint_due(counts(0, 1), {}));
  EXPECT_TRUE(checkpoint_due(counts(7, 0), {}));
  EXPECT_TRUE(checkpoint_due(counts(7, 1), counts(7, 0)));
  EXPECT_TRUE(checkpoint_due(counts(7, 3), counts(0, 3)));
}

TEST(UsageCheckpoint, TheSameCountsAreNotDueTwice) {
  EXPECT_FALSE(checkpoint_due(counts(7, 1), counts(7, 1)));
}

// An estimate may have been above what the engine then tells.
TEST(UsageCheckpoint, CountsThatWentDownAreNotDue) {
  EXPECT_FALSE(checkpoint_due(counts(7, 2), counts(7, 40)));
}

// Whatever steps an engine counts in, what is relayed is never further ahead of
// what is noted than the limit.
TEST(UsageCheckpoint, WhatIsRelayedStaysWithinTheLimitOfWhatIsNoted) {
  for (std::uint64_t step = 1; step <= 100; ++step) {
    wire::UsageCounts noted;
    std::uint64_t behind = 0;
    for (std::uint64_t completion = step; completion < 1000; completion += step) {
      if (checkpoint_due(counts(7, completion), noted)) noted = counts(7, completion);
      behind = std::max(behind, completion - noted.completion.value);
    }
    EXPECT_LT(behind, usage_checkpoint_tokens.value);
  }
}

}  // namespace
}  // namespace portolan::gateway
