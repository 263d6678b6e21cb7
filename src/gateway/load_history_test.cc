#include "gateway/load_history.h"

#include <gtest/gtest.h>

namespace portolan::gateway {
namespace {

TEST(LoadHistory, KnowsNothingBeforeItHasLooked) {
  LoadHistory history;
  EXPECT_FALSE(history.p95());
  history.note(3);
  EXPECT_EQ(history.p95(), 3u);
}

TEST(LoadHistory, NinetyFiveOfAHundredHaveNoMore) {
  LoadHistory history;
  for (std::uint32_t i = 100; i >= 1; --i) history.note(i);
  EXPECT_EQ(history.p95(), 95u);
}

TEST(LoadHistory, APeakOfAFewIsNotTheLoadAndOneOfManyIs) {
  LoadHistory history;
  for (int i = 0; i < 20; ++i) history.note(i == 7 ? 64 : 1);
  EXPECT_EQ(history.p95(), 1u);
  history.note(64);
  EXPECT_EQ(history.p95(), 64u);
}

TEST(LoadHistory, ForgetsWhatIsLongAgo) {
  LoadHistory history;
  for (std::uint64_t i = 0; i < load_samples_max.value; ++i) history.note(50);
  for (std::uint64_t i = 0; i < load_samples_max.value; ++i) history.note(2);
  EXPECT_EQ(history.p95(), 2u);
}

}  // namespace
}  // namespace portolan::gateway
