#include "policy/zones_of_scopes.h"

#include <gtest/gtest.h>

#include "policy/small_world_test.h"

namespace portolan::policy {
namespace {

using Names = std::vector<std::string>;

TEST(ZonesOfScopes, ANameTheWorldDoesNotKnowIsNeverDefaulted) {
  const auto view = small_world().view();
  const auto zones = zones_of_scopes(*view.world, Names{"eu", "later"});
  ASSERT_FALSE(zones.has_value());
  EXPECT_EQ(zones.error().code, Code::world_skew);
  EXPECT_EQ(zones.error().retry, Retry::elsewhere);
  EXPECT_NE(zones.error().message.find("'later'"), std::string::npos);
  EXPECT_EQ(zones_of_scopes(*view.world, Names{"eu"}, Names{"later"}).error().code,
            Code::world_skew);
  EXPECT_EQ(zones_of_requested_scope(*view.world, "later").error().code, Code::unknown_scope);
}

TEST(ZonesOfScopes, NoScopeIsNoZone) {
  const auto view = small_world().view();
  EXPECT_TRUE(zones_of_scopes(*view.world, Names{})->zones.empty());
  EXPECT_TRUE(zones_of_scopes(*view.world, Names{}, Names{})->entry.empty());
}

TEST(ZonesOfScopes, AWorkspacesScopesAddAndAKeysNarrow) {
  const auto view = small_world().view();
  const auto both = zones_of_scopes(*view.world, Names{"eu", "cn"});
  EXPECT_EQ(names_of(view, both->zones), "cn-a cn-b eu-1-a eu-1-b");
  const auto narrowed = zones_of_scopes(*view.world, Names{"eu", "cn"}, Names{"cn", "global"});
  EXPECT_EQ(names_of(view, narrowed->zones), "cn-a cn-b eu-1-a eu-1-b");
  const auto disjoint = zones_of_scopes(*view.world, Names{"eu"}, Names{"cn"});
  EXPECT_TRUE(disjoint->zones.empty());
}

TEST(ZonesOfScopes, TheFrontDoorStandsAnywhereOnlyWhenBothSidesSaySo) {
  const auto view = small_world().view();
  const auto open = zones_of_scopes(*view.world, Names{"open"});
  EXPECT_TRUE(open->anywhere);
  EXPECT_EQ(open->entry.size(), 6u);
  EXPECT_EQ(names_of(view, open->zones), "eu-1-a eu-1-b");
  const auto keyed = zones_of_scopes(*view.world, Names{"open"}, Names{"eu"});
  EXPECT_FALSE(keyed->anywhere);
  EXPECT_EQ(names_of(view, keyed->entry), "eu-1-a eu-1-b");
}

}  // namespace
}  // namespace portolan::policy
