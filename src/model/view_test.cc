#include "model/view.h"

#include <gtest/gtest.h>

namespace portolan::model {
namespace {

constexpr WallTime beginning{INT64_MIN};

Network network() {
  Network network;
  Region region;
  region.name = "r";
  region.country = "DE";
  network.regions = {region};
  network.zones = {{"r-a", "r", {}, {}}, {"r-b", "r", {}, {}}};
  return network;
}

View view() {
  View view;
  view.world = std::make_shared<World>(*World::make(network(), {"net", 1, 1}, "hash"));
  view.keyring = std::make_shared<Keyring>(*Keyring::make({}, {"net", 1, 5}));
  view.restrictions = std::make_shared<Restrictions>();
  auto masks = std::make_shared<MaskTables>();
  masks->world_hash = "hash";
  masks->world = {"net", 1, 1};
  masks->workspaces = {"net", 1, 5};
  masks->intervals = {{beginning, {}, {}}};
  view.masks = masks;
  return view;
}

TEST(View, IsNotCompleteWithAPartMissing) {
  EXPECT_FALSE(View{}.complete());
  View broken = view();
  broken.restrictions = nullptr;
  EXPECT_FALSE(broken.complete());
  EXPECT_TRUE(view().complete());
}

TEST(View, IsNotCompleteWithMasksOfAnotherWorldOrKeyring) {
  View other_keyring = view();
  other_keyring.keyring = std::make_shared<Keyring>(*Keyring::make({}, {"net", 1, 6}));
  EXPECT_FALSE(other_keyring.complete());
  View other_world = view();
  other_world.world = std::make_shared<World>(*World::make(network(), {"net", 1, 1}, "other"));
  EXPECT_FALSE(other_world.complete());
}

TEST(MaskTables, AnIntervalHoldsItsFirstInstantAndNotItsLast) {
  MaskTables tables;
  tables.intervals = {{beginning, {}, {}}, {WallTime{100}, {}, {}}, {WallTime{200}, {}, {}}};
  EXPECT_EQ(tables.at(WallTime{INT64_MIN}).from, beginning);
  EXPECT_EQ(tables.at(WallTime{99}).from, beginning);
  EXPECT_EQ(tables.at(WallTime{100}).from, WallTime{100});
  EXPECT_EQ(tables.at(WallTime{199}).from, WallTime{100});
  EXPECT_EQ(tables.at(WallTime{INT64_MAX}).from, WallTime{200});
}

TEST(ZonesRestricted, TakesZonesAndRegionsAndPassesOverUnknownNames) {
  const View v = view();
  EXPECT_TRUE(zones_restricted(*v.world, {"later"}).empty());
  EXPECT_EQ(zones_restricted(*v.world, {"r-b", "later"}).size(), 1u);
  EXPECT_EQ(zones_restricted(*v.world, {"r"}).size(), 2u);
}

}  // namespace
}  // namespace portolan::model
