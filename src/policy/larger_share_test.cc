#include "policy/larger_share.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace portolan::policy {
namespace {

TEST(LargerShare, FewCasesAreChance) {
  EXPECT_FALSE(larger_share({4, 4}, {0, 1'000}, 0));
  EXPECT_TRUE(larger_share({5, 5}, {0, 1'000}, 0));
}

TEST(LargerShare, WhatIsComparedWithNextToNothingIsComparedWithTwentyThatWentWell) {
  EXPECT_TRUE(larger_share({40, 40}, {0, 0}, 0.02));
  EXPECT_FALSE(larger_share({6, 30}, {0, 0}, 0.02)) << "may be chance";
  EXPECT_TRUE(larger_share({6, 30}, {0, 10'000}, 0.02));
}

TEST(LargerShare, WhatIsWithinTheMarginIsNotLarger) {
  EXPECT_TRUE(larger_share({12'000, 100'000}, {10'000, 100'000}, 0.01));
  EXPECT_FALSE(larger_share({12'000, 100'000}, {10'000, 100'000}, 0.02));
}

TEST(LargerShare, NoShareIsLargerThanItself) {
  EXPECT_TRUE(rc::check([] {
    const auto all = *rc::gen::inRange<std::uint64_t>(20, 10'000);
    const Share share{*rc::gen::inRange<std::uint64_t>(0, all + 1), all};
    RC_ASSERT(!larger_share(share, share, 0));
  }));
}

}  // namespace
}  // namespace portolan::policy
