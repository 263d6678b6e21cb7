#include "policy/zones_of_places.h"

#include <gtest/gtest.h>

#include "policy/small_world_test.h"

namespace portolan::policy {
namespace {

using model::Destination;
using Kind = model::Rule::Kind;

std::string places(const Parts& parts, const Destination& destination, Kind kind = Kind::deny) {
  const auto view = parts.view();
  return names_of(view, zones_of_places(*view.world, destination, kind));
}

TEST(ZonesOfPlaces, AnUnclassifiedZoneIsDeniedAndNeverPermitted) {
  Parts parts = small_world();
  parts.network.regions[0].labels = {{"certified", "yes"}};  // cn
  parts.network.regions[1].labels = {{"certified", "no"}};   // eu-1; sg has none
  Destination certified;
  certified.labels = {{"certified", "yes"}};
  EXPECT_EQ(places(parts, certified, Kind::deny), "cn-a cn-b sg-a sg-b");
  EXPECT_EQ(places(parts, certified, Kind::require), "cn-a cn-b");
}

TEST(ZonesOfPlaces, AZonesOwnLabelWinsOverItsRegions) {
  Parts parts = small_world();
  for (auto& region : parts.network.regions) region.labels = {{"certified", "yes"}};
  parts.network.zones[0].labels = {{"certified", "no"}};  // cn-a
  Destination certified;
  certified.labels = {{"certified", "yes"}};
  EXPECT_EQ(places(parts, certified, Kind::require), "cn-b eu-1-a eu-1-b sg-a sg-b");
}

TEST(ZonesOfPlaces, SeveralLabelsAreAskedTogether) {
  Parts parts = small_world();
  parts.network.regions[0].labels = {{"a", "1"}, {"b", "1"}};
  parts.network.regions[1].labels = {{"a", "1"}, {"b", "2"}};
  parts.network.regions[2].labels = {{"a", "1"}};
  Destination both;
  both.labels = {{"a", "1"}, {"b", "1"}};
  EXPECT_EQ(places(parts, both, Kind::require), "cn-a cn-b");
  EXPECT_EQ(places(parts, both, Kind::deny), "cn-a cn-b sg-a sg-b");
}

TEST(ZonesOfPlaces, EveryListAddsItsPlaces) {
  const Parts parts = small_world();
  Destination destination;
  destination.country = {"CN", "MO"};
  EXPECT_EQ(places(parts, destination), "cn-a cn-b");
  destination.zone = {"sg-b"};
  EXPECT_EQ(places(parts, destination), "cn-a cn-b sg-b");
  destination.group = {"eu"};
  destination.region = {"sg"};
  EXPECT_EQ(places(parts, destination), "cn-a cn-b eu-1-a eu-1-b sg-a sg-b");
}

}  // namespace
}  // namespace portolan::policy
