#include "policy/rule_dates.h"

#include <gtest/gtest.h>

#include "policy/standing_test.h"

namespace portolan::policy {
namespace {

TEST(RuleDates, AreThoseToComeAtWhichARuleBeginsOrEnds) {
  Parts before = small_world();
  before.network.rules.resize(2);
  for (auto& rule : before.network.rules) rule.places.country = {"CN"};
  before.network.rules[0].name = "ends";
  before.network.rules[0].until = WallTime::from_unix_seconds(300);
  before.network.rules[1].name = "has-no-end";
  before.network.rules[1].from = WallTime::from_unix_seconds(50);
  Parts after = before;
  after.network.rules[1].from = WallTime::from_unix_seconds(200);
  const model::View old = before.view();
  const model::View fresh = after.view();
  const Standing stood = standing_of(old, before);
  const Standing stands = standing_of(fresh, after);
  const auto at = [](std::int64_t seconds) { return WallTime::from_unix_seconds(seconds); };
  EXPECT_EQ(rule_dates(stood, stands, at(100)), (std::set<WallTime>{at(100), at(200), at(300)}));
}

}  // namespace
}  // namespace portolan::policy
