#include "model/zone_mask.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace portolan::model {
namespace {

ZoneMask mask_of(const std::set<std::uint16_t>& zones) {
  ZoneMask mask;
  for (const auto zone : zones) mask.add(ZoneIndex{zone});
  return mask;
}

std::set<std::uint16_t> random_set() {
  return *rc::gen::container<std::set<std::uint16_t>>(
      rc::gen::inRange<std::uint16_t>(0, static_cast<std::uint16_t>(limits::zones_max.value)));
}

TEST(ZoneMask, IsOneCacheLine) { EXPECT_EQ(sizeof(ZoneMask), 64u); }

TEST(ZoneMask, AllOfNoneIsEmpty) {
  EXPECT_TRUE(ZoneMask::all(0).empty());
  EXPECT_EQ(ZoneMask::all(limits::zones_max.count()).size(), limits::zones_max.count());
}

TEST(ZoneMask, BehavesAsASet) {
  EXPECT_TRUE(rc::check([] {
    const auto a = random_set();
    const auto b = random_set();
    std::set<std::uint16_t> both, either, rest;
    std::ranges::set_intersection(a, b, std::inserter(both, both.end()));
    std::ranges::set_union(a, b, std::inserter(either, either.end()));
    std::ranges::set_difference(a, b, std::inserter(rest, rest.end()));
    RC_ASSERT((mask_of(a) & mask_of(b)) == mask_of(both));
    RC_ASSERT((mask_of(a) | mask_of(b)) == mask_of(either));
    RC_ASSERT((mask_of(a) - mask_of(b)) == mask_of(rest));
    std::vector<std::uint16_t> visited;
    mask_of(a).for_each([&](ZoneIndex zone) { visited.push_back(zone.value); });
    RC_ASSERT(visited == std::vector<std::uint16_t>(a.begin(), a.end()));
  }));
}

}  // namespace
}  // namespace portolan::model
