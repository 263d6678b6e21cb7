#include "policy/entry_zones.h"

#include <gtest/gtest.h>

#include "policy/small_world_test.h"

namespace portolan::policy {
namespace {

constexpr WallTime now{1'000};

model::ZoneMask zones_of_region_of(const model::View& view, const std::string& zone) {
  return view.world->zones_of_region(view.world->region_of(zone_of(view, zone)));
}

Result<HeadZones> head_zones(const model::View& view, unsigned char key, std::string_view scope) {
  const auto caller = authenticate(view, numbered_key(key).text, now);
  check(caller.has_value(), "a key of the small world");
  return zones_of_head(view, *caller, scope, now);
}

TEST(EntryZones, AnUnknownScopeIsRefused) {
  const model::View view = small_world().view();
  const auto zones = head_zones(view, 1, "mars");
  ASSERT_FALSE(zones);
  EXPECT_EQ(zones.error().code, Code::unknown_scope);
}

TEST(EntryZones, TheHeadsScopeOnlyNarrows) {
  const model::View view = small_world().view();
  const auto without = head_zones(view, 2, "");
  const auto narrowed = head_zones(view, 2, "cn");
  ASSERT_TRUE(without && narrowed);
  EXPECT_EQ(narrowed->zones - without->zones, model::ZoneMask::none());
  EXPECT_FALSE(narrowed->zones.empty());
  EXPECT_FALSE(narrowed->zones.contains(zone_of(view, "eu-1-a")));
  EXPECT_TRUE(without->zones.contains(zone_of(view, "eu-1-a")));
}

TEST(EntryZones, ARegionCountsWholeForABodyThatNamesOneOfItsZones) {
  const model::View view = small_world().view();
  model::Narrowing narrowing;
  narrowing.only = {"eu-1-a"};
  const auto entry = entry_of_body(*view.world, narrowing, false);
  ASSERT_TRUE(entry);
  const model::ZoneMask region = zones_of_region_of(view, "eu-1-a");
  EXPECT_EQ(*entry & region, region);
  EXPECT_FALSE(entry->contains(zone_of(view, "cn-a")));
}

TEST(EntryZones, WhereTheDoorMayStandAnywhereABodyBindsTheExecutorAlone) {
  const model::View view = small_world().view();
  model::Narrowing narrowing;
  narrowing.only = {"eu-1-a"};
  const auto entry = entry_of_body(*view.world, narrowing, true);
  ASSERT_TRUE(entry);
  EXPECT_TRUE(entry->contains(zone_of(view, "cn-a")));
}

}  // namespace
}  // namespace portolan::policy
