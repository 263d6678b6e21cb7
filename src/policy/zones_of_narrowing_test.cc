#include "policy/zones_of_narrowing.h"

#include <gtest/gtest.h>

#include "policy/small_world_test.h"

namespace portolan::policy {
namespace {

using Names = std::vector<std::string>;

TEST(ZonesOfNarrowing, AnUnknownNameDenies) {
  const auto view = small_world().view();
  EXPECT_TRUE(zones_of_narrowing(*view.world, Names{"later"}, {})->empty());
  EXPECT_EQ(names_of(view, *zones_of_narrowing(*view.world, Names{"later", "sg"}, {})),
            "sg-a sg-b");
  const auto ignored = zones_of_narrowing(*view.world, {}, Names{"sg", "later"});
  ASSERT_FALSE(ignored.has_value());
  EXPECT_EQ(ignored.error().code, Code::scope_denied);
  EXPECT_NE(ignored.error().message.find("'later'"), std::string::npos);
}

TEST(ZonesOfNarrowing, IgnoringACountryWithNoRegionIsNoMistake) {
  const auto view = small_world().view();
  EXPECT_EQ(zones_of_narrowing(*view.world, {}, Names{"country:US"})->size(), 6u);
}

TEST(ZonesOfNarrowing, TakesIgnoredFromOnly) {
  const auto view = small_world().view();
  EXPECT_EQ(zones_of_narrowing(*view.world, {}, {})->size(), 6u);
  EXPECT_EQ(names_of(view, *zones_of_narrowing(*view.world, Names{"eu", "cn-a"}, Names{"eu-1-b"})),
            "cn-a eu-1-a");
}

}  // namespace
}  // namespace portolan::policy
