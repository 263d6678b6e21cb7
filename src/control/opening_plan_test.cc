#include "control/opening_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "control/opening_closing.h"
#include "control/opening_contents_test_support.h"
#include "control/opening_limits.h"
#include "control/opening_place.h"

namespace portolan::control {
namespace {

using namespace testing;

// Region mx of two zones with two gateways each, and five zones of regions us and de.
world::Contents contents() {
  world::Contents made;
  for (const char* name : {"de", "mx", "us"}) add_region(made, name, "http://door-of-mx");
  for (const std::string name : {"de-a", "mx-a", "mx-b", "us-a", "us-b", "us-c", "us-d"}) {
    add_zone(made, name, {name + "-1", name + "-2"});
    deploy(made, "large", name);
  }
  for (const char* name : {"large", "small", "tiny"}) {
    made.network.models.emplace_back().name = name;
  }
  deploy(made, "small", "mx-a");
  deploy(made, "tiny", "mx-a");
  add_scope(made, "everywhere", {"*"});
  return made;
}

OpeningFacts facts_of(world::Contents made, model::Opening opening) {
  made.network.rules.push_back(closing_rule(opening));
  made.network.scopes.push_back(probing_scope(made.network, opening));
  made.workspaces = probing_workspaces(opening);
  OpeningFacts facts;
  facts.opening = opening;
  const auto place = place_of(made, opening);
  facts.region = place->region;
  facts.zones = place->zones;
  facts.neighbours = *neighbours_of(made, opening, *place);
  facts.contents = std::make_shared<const world::Contents>(std::move(made));
  return facts;
}

OpeningFacts region_facts() { return facts_of(contents(), opening_of("mx", "", {"us-d"})); }

GatewayRecords polling(const Names& gateways) {
  GatewayRecords records;
  for (const auto& id : gateways) {
    world::PollRequest request;
    request.gateway = id;
    request.zone = id.substr(0, 4);
    check(records.note(request, WallTime()).has_value(), "there is room for them");
  }
  return records;
}

TEST(OpeningPlan, EveryGatewayOfThePlaceLooksAndOneOfEachZoneElsewhere) {
  const auto asked = plan_looks(region_facts(), polling({"us-b-2", "mx-b-2"}));
  ASSERT_EQ(asked.size(), 7u);
  EXPECT_EQ(asked[0].zone, "mx-a");
  EXPECT_TRUE(asked[1].of_place);
  EXPECT_EQ(asked[1].gateways.size(), 2u);
  EXPECT_EQ(asked[1].gateways.front().id, "mx-b-2") << "the one that polls";
  EXPECT_EQ(asked[0].peers.size(), 9u) << "four of the place and five elsewhere";
  EXPECT_NE(std::ranges::find(asked[0].peers, "us-b-2"), asked[0].peers.end());
  for (std::size_t at = 2; at < asked.size(); ++at) {
    EXPECT_FALSE(asked[at].of_place);
    EXPECT_EQ(asked[at].gateways.size(), 1u);
    EXPECT_EQ(asked[at].peers, (Names{"mx-a-1", "mx-a-2", "mx-b-2", "mx-b-1"}));
  }
}

TEST(OpeningPlan, AModelIsComparedWithFewZonesElsewhereNeighboursFirst) {
  const auto asked = plan_looks(region_facts(), polling({}));
  Names compared;
  for (const auto& zone : asked) {
    if (!zone.of_place && !zone.models.empty()) compared.push_back(zone.zone);
  }
  EXPECT_EQ(compared.size(), opening_engine_zones_max.count());
  EXPECT_NE(std::ranges::find(compared, "us-d"), compared.end());
  EXPECT_EQ(asked[0].models, (Names{"large", "small", "tiny"}));
  EXPECT_EQ(asked[1].models, Names{"large"});
}

TEST(OpeningPlan, OfVeryManyZonesElsewhereOneOfEachRegionIsAsked) {
  auto many = contents();
  for (int at = 0; at < 200; ++at) {
    const std::string name = "us-x" + std::to_string(at);
    add_zone(many, name, {name});
  }
  add_region(many, "zz");
  add_zone(many, "zz-a", {"zz-a-1"});
  const auto asked = plan_looks(facts_of(many, opening_of("mx", "", {"us-d"})), {});
  EXPECT_EQ(asked.size(), 2 + opening_zones_elsewhere_max.count());
  EXPECT_NE(std::ranges::find(asked, "zz-a", &ZoneToAsk::zone), asked.end());
}

TEST(OpeningPlan, ARevokedGatewayIsTheLastToBeAsked) {
  auto facts = region_facts();
  facts.restrictions.revoked_machines = {"us-a-1", "mx-a-1"};
  const auto asked = plan_looks(facts, polling({"us-a-1"}));
  const auto zone = std::ranges::find(asked, "us-a", &ZoneToAsk::zone);
  EXPECT_EQ(zone->gateways.front().id, "us-a-2");
}

using Probed = std::set<std::pair<std::string, std::string>>;  // a door or zone, and a model

TEST(OpeningPlan, EachModelIsAskedInEachZoneThatHasItAtEachDoor) {
  const auto probes = plan_probes(region_facts(), false);
  Probed streamed;
  Probed whole;
  std::set<std::string> doors;
  for (const auto& probe : probes) {
    (probe.streamed ? streamed : whole).emplace(probe.zone, probe.model);
    doors.insert(probe.door);
    EXPECT_TRUE(probe.only.empty());
  }
  const Probed wanted{{"mx-a", "large"}, {"mx-a", "small"}, {"mx-a", "tiny"}, {"mx-b", "large"},
                      {"", "large"},     {"", "small"},     {"", "tiny"}};
  EXPECT_EQ(streamed, wanted);
  EXPECT_EQ(whole, wanted);
  EXPECT_EQ(doors, (std::set<std::string>{"http://mx-a-1", "http://mx-a-2", "http://mx-b-1",
                                          "http://mx-b-2", "http://door-of-mx"}));
}

TEST(OpeningPlan, ProbesAreBounded) {
  auto many = contents();
  for (int at = 0; at < 5'000; ++at) deploy(many, "m" + std::to_string(at), "mx-a");
  const auto facts = facts_of(contents(), opening_of("mx", ""));
  auto crowded = facts;
  crowded.contents = std::make_shared<const world::Contents>(std::move(many));
  EXPECT_EQ(plan_probes(crowded, true).size(), opening_probes_max.count());
  EXPECT_EQ(plan_drill(crowded, {"mx-b"}).size(), opening_drill_probes_max.count());
  EXPECT_EQ(plan_probes(facts, true).front().only, (Names{"mx-a", "mx-b"}));
}

TEST(OpeningPlan, WithoutDoorsThereIsTheRegions) {
  auto bare = contents();
  for (auto& zone : bare.network.zones) {
    for (auto& each : zone.gateways) each.url.clear();
  }
  const auto facts = facts_of(std::move(bare), opening_of("mx", ""));
  Probed asked;
  for (const auto& probe : plan_probes(facts, false)) asked.emplace(probe.door, probe.model);
  EXPECT_EQ(asked, (Probed{{"http://door-of-mx", "large"},
                           {"http://door-of-mx", "small"},
                           {"http://door-of-mx", "tiny"}}));
  EXPECT_TRUE(plan_drill(facts, {"mx-b"}).empty());
  EXPECT_EQ(plan_refusals(facts)->front().question.door, "http://door-of-mx");
}

// What is asked at doors of that zone, and the code that is wanted.
std::set<std::pair<std::string, std::string>> refusals_at(const OpeningFacts& facts,
                                                          const std::string& zone) {
  std::set<std::pair<std::string, std::string>> found;
  for (const auto& refusal : *plan_refusals(facts)) {
    if (refusal.question.zone == zone) found.emplace(refusal.what, refusal.wanted_code);
  }
  return found;
}

TEST(OpeningPlan, WhatHasToBeRefusedIsKnownByItsCode) {
  auto facts = region_facts();
  const std::string data = "data that no rule lets in";
  const std::string key = "a key that does not exist";
  const std::string scope = "a scope without this place";
  EXPECT_EQ(refusals_at(facts, "mx-b"),
            (Probed{{data, "scope_denied"}, {key, "unknown_key"}, {scope, "unknown_scope"}}));
  EXPECT_EQ(refusals_at(facts, "us-d"), Probed{}) << "no gateway there is heard";
  facts.heard = {{.gateway = "us-d-2", .zone = "us-d"}};
  EXPECT_EQ(refusals_at(facts, "us-d"), (Probed{{data + ", from elsewhere", "scope_denied"}}));
  auto more = contents();
  add_scope(more, "of-de", {"de"});
  const auto of_zone = facts_of(more, opening_of("", "mx-b"));
  EXPECT_EQ(refusals_at(of_zone, "mx-b"),
            (Probed{{data, "wrong_region"}, {key, "unknown_key"}, {scope, "scope_denied"}}));
}

TEST(OpeningPlan, WithoutAWorkspaceOutsideNothingIsRefused) {
  auto facts = region_facts();
  auto bare = *facts.contents;
  bare.workspaces.clear();
  facts.contents = std::make_shared<const world::Contents>(std::move(bare));
  EXPECT_EQ(plan_refusals(facts).error().code, Code::resource_not_found);
}

}  // namespace
}  // namespace portolan::control
