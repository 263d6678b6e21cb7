#include "control/opening_place.h"

#include <gtest/gtest.h>

#include "control/opening_contents_test_support.h"

namespace portolan::control {
namespace {

using namespace testing;

// Three regions; mx has two zones, us two and de one.
world::Contents contents() {
  world::Contents made;
  for (const char* name : {"de", "mx", "us"}) add_region(made, name);
  for (const char* name : {"de-a", "mx-a", "mx-b", "us-a", "us-b"}) add_zone(made, name, {});
  add_scope(made, "americas", {"mx", "us-a"});
  add_scope(made, "europe", {"de"});
  return made;
}

Result<Names> neighbours(const world::Contents& made, const model::Opening& opening) {
  TRY(const auto place, place_of(made, opening));
  return neighbours_of(made, opening, place);
}

TEST(OpeningPlace, WhatIsGoneIsNoPlace) {
  const auto code = [](const model::Opening& opening) {
    return place_of(contents(), opening).error().code;
  };
  EXPECT_EQ(code(opening_of("nowhere", "")), Code::resource_not_found);
  EXPECT_EQ(code(opening_of("", "mx")), Code::resource_not_found);
  auto empty = contents();
  add_region(empty, "ph");
  EXPECT_EQ(place_of(empty, opening_of("ph", "")).error().code, Code::resource_not_found);
}

TEST(OpeningPlace, IsAllOfARegionOrOneZone) {
  EXPECT_EQ(*place_of(contents(), opening_of("mx", "")), (OpeningPlace{"mx", {"mx-a", "mx-b"}}));
  EXPECT_EQ(*place_of(contents(), opening_of("", "mx-b")), (OpeningPlace{"mx", {"mx-b"}}));
}

TEST(OpeningPlace, NeighboursAreThoseThatShareAScope) {
  EXPECT_EQ(*neighbours(contents(), opening_of("mx", "")), Names{"us-a"});
  EXPECT_EQ(*neighbours(contents(), opening_of("", "mx-b")), (Names{"mx-a", "us-a"}));
  auto alone = contents();
  alone.network.scopes.clear();
  add_scope(alone, "europe", {"de"});
  EXPECT_EQ(*neighbours(alone, opening_of("mx", "")), Names{});
}

TEST(OpeningPlace, NeighboursAreThoseThatAreNamed) {
  EXPECT_EQ(*neighbours(contents(), opening_of("mx", "", {"us", "de-a"})),
            (Names{"de-a", "us-a", "us-b"}));
  EXPECT_EQ(*neighbours(contents(), opening_of("", "mx-b", {"mx"})), Names{"mx-a"});
  EXPECT_EQ(neighbours(contents(), opening_of("mx", "", {"atlantis"})).error().code,
            Code::resource_not_found);
}

TEST(OpeningPlace, AScopeIsTheZonesThatItNames) {
  EXPECT_EQ(*zones_of_scope(contents(), "americas"), (Names{"mx-a", "mx-b", "us-a"}));
  EXPECT_EQ(zones_of_scope(contents(), "asia").error().code, Code::resource_not_found);
}

}  // namespace
}  // namespace portolan::control
