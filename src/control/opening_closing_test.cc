#include "control/opening_closing.h"

#include <gtest/gtest.h>

#include "world/resource_text.h"
#include "world/validate.h"

namespace portolan::control {
namespace {

constexpr std::string_view network_text = R"(apiVersion: portolan/v1
kind: Region
metadata: {name: mx-1}
spec: {country: MX, latitude: 19, longitude: -99, url: "https://mx.example.net"}
---
kind: Zone
metadata: {name: mx-1a}
spec: {region: mx-1}
---
kind: Zone
metadata: {name: mx-1b}
spec: {region: mx-1}
---
kind: Region
metadata: {name: us-1}
spec: {country: US, latitude: 19, longitude: -99, url: "https://us.example.net"}
---
kind: Zone
metadata: {name: us-1a}
spec: {region: us-1}
---
kind: Opening
metadata: {name: mexico}
spec: {region: mx-1, data: {data-class: personal}}
---
kind: Opening
metadata: {name: second}
spec: {zone: mx-1b}
)";

world::Contents contents() {
  auto validation = world::validate({{"net.yaml", std::string(network_text)}});
  EXPECT_TRUE(validation.ok());
  return std::move(validation.contents);
}

model::Opening opening(std::string_view name) {
  const auto all = contents();
  return std::get<model::Opening>(*world::find(all, world::Kind::opening, name));
}

TEST(OpeningClosing, APlaceWithoutItsRuleOrWithAnotherIsNotClosed) {
  const auto mexico = opening("mexico");
  auto network = contents().network;
  EXPECT_FALSE(is_closed_by_rule(network, mexico));
  network.rules = {closing_rule(mexico)};
  EXPECT_TRUE(is_closed_by_rule(network, mexico));
  EXPECT_FALSE(is_closed_by_rule(network, opening("second")));
  network.rules[0].data["opening"] = "yes";
  EXPECT_FALSE(is_closed_by_rule(network, mexico));
  network.rules = {closing_rule(mexico)};
  network.rules[0].until = WallTime::from_unix_seconds(1'800'000'000);
  EXPECT_FALSE(is_closed_by_rule(network, mexico)) << "it would open by itself";
}

TEST(OpeningClosing, WhatIsMadeIsValidBesideTheNetwork) {
  for (const auto name : {"mexico", "second"}) {
    const auto of = opening(name);
    std::vector<world::Resource> made = {closing_rule(of), probing_scope(contents().network, of),
                                         probing_org()};
    for (auto& workspace : probing_workspaces(of)) made.emplace_back(std::move(workspace));
    const auto validation = world::validate({{"made", world::render_yaml(made)}}, contents());
    EXPECT_TRUE(validation.ok()) << world::render_problem(validation.problems.front());
    EXPECT_EQ(validation.changed, made);
  }
}

TEST(OpeningClosing, AZoneIsProbedTogetherWithItsRegion) {
  const auto network = contents().network;
  for (const auto name : {"mexico", "second"}) {
    const auto scope = probing_scope(network, opening(name));
    EXPECT_EQ(scope.include, (std::vector<std::string>{"mx-1"}));
    EXPECT_EQ(scope.entry, model::Entry::anywhere);
  }
}

TEST(OpeningClosing, OnlyTheProbingWorkspaceIsLabelled) {
  const auto workspaces = probing_workspaces(opening("mexico"));
  ASSERT_EQ(workspaces.size(), 2u);
  const model::Labels probing = {{"data-class", "personal"}, {"opening", "probe"}};
  EXPECT_EQ(workspaces[0].labels, probing);
  EXPECT_EQ(workspaces[1].labels, (model::Labels{{"data-class", "personal"}}));
  EXPECT_EQ(workspaces[0].scopes, workspaces[1].scopes);
}

TEST(OpeningClosing, AnOpeningIsOfItsZonesAlone) {
  const auto network = contents().network;
  EXPECT_EQ(zones_of(network, opening("mexico")).size(), 2u);
  const auto one = zones_to_share(network, opening("second"), 1);
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(world::name_of(one.front()), "mx-1b");
  EXPECT_EQ(std::get<model::Zone>(one.front()).share, 1u);
  EXPECT_TRUE(zones_to_share(network, opening("mexico"), 100).empty()) << "they have it already";
}

}  // namespace
}  // namespace portolan::control
