#include "gateway/recent_decisions.h"

#include <gtest/gtest.h>

#include <set>

namespace portolan::gateway {
namespace {

TEST(RecentDecisions, AreTheLastOnesAndNoMore) {
  RecentDecisions recent;
  const std::size_t most = decisions_kept_max.count();
  for (std::size_t i = 0; i < 2 * most + 3; ++i) {
    policy::Decided decided;
    decided.zone = std::to_string(i);
    recent.note(std::move(decided));
    EXPECT_LE(recent.all().size(), most);
  }
  std::set<std::size_t> kept;
  for (const auto& each : recent.all()) kept.insert(std::stoul(each.zone));
  EXPECT_EQ(kept.size(), most);
  EXPECT_EQ(*kept.begin(), most + 3);
}

}  // namespace
}  // namespace portolan::gateway
