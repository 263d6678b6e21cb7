#include "control/opening_gate.h"

#include "control/gate_place.h"
#include "control/opening_flaw_test_support.h"

namespace portolan::control {
namespace {

using namespace testing;
using model::Gate;

std::set<std::string_view> red_gates(const OpeningFacts& facts) {
  std::set<std::string_view> red;
  for (std::size_t i = 0; i < model::gate_names.size(); ++i) {
    const auto verdict = judge(static_cast<Gate>(i), facts);
    expect_sentences(verdict);
    if (!verdict.findings.empty()) red.insert(model::gate_names[i]);
  }
  return red;
}

using Gates = std::set<std::string_view>;
const Gates all_gates(model::gate_names.begin(), model::gate_names.end());

TEST(OpeningGate, ASoundPlaceIsGreenWithEvidenceInEachGate) {
  const auto facts = sound_facts();
  for (std::size_t i = 0; i < model::gate_names.size(); ++i) {
    const auto verdict = judge(static_cast<Gate>(i), facts);
    EXPECT_TRUE(verdict.findings.empty()) << model::gate_names[i] << "\n" << shown(verdict);
    EXPECT_FALSE(verdict.evidence.empty()) << model::gate_names[i];
    for (const auto& sentence : verdict.evidence) {
      EXPECT_NE(sentence.find_first_of("0123456789"), std::string::npos) << sentence;
    }
  }
}

TEST(OpeningGate, OfWhatNothingIsKnownNothingIsGreen) {
  EXPECT_EQ(red_gates(OpeningFacts{}), all_gates);
  auto facts = sound_facts();
  facts.looks.clear();
  facts.heard.clear();
  facts.parity.reset();
  facts.probes.clear();
  facts.refusals.clear();
  facts.drills.clear();
  facts.neighbours.clear();
  EXPECT_EQ(red_gates(facts), all_gates);
}

TEST(OpeningGate, WhatCouldNotBeAskedIsRedInEveryGateThatNeedsIt) {
  auto facts = sound_facts();
  look_at(facts, "gw-mexico-a-2").found.reset();
  look_at(facts, "gw-mexico-a-2").why = "connection refused.";
  EXPECT_EQ(red_gates(facts), (Gates{"reach", "clocks", "certificates"}))
      << "another gateway of the zone has looked at its engines";
  look_at(facts, "gw-mexico-a-1").found.reset();
  EXPECT_EQ(red_gates(facts), (Gates{"reach", "clocks", "certificates", "engines"}));
  for (const auto gate : {Gate::reach, Gate::clocks, Gate::certificates}) {
    EXPECT_TRUE(names(judge(gate, facts), "gateway gw-mexico-a-2 in mexico-a",
                      "connection refused. See that it runs"))
        << shown(judge(gate, facts));
  }
}

TEST(OpeningGate, APlaceWithoutGatewaysIsRedInEachGateThatAsksThem) {
  auto facts = sound_facts();
  change(facts, [](auto& contents) {
    contents.network.zones[1].gateways.clear();
    contents.network.zones[2].gateways.clear();
  });
  const auto red = red_gates(facts);
  for (const auto name :
       {"reach", "clocks", "certificates", "engines", "keys", "probes", "refusals", "neighbours"}) {
    EXPECT_TRUE(red.contains(name)) << name;
  }
}

TEST(OpeningGate, APlaceThatIsGoneFromTheResourcesIsRed) {
  auto facts = sound_facts();
  change(facts,
         [](auto& contents) { contents.network.zones.erase(contents.network.zones.begin() + 2); });
  EXPECT_EQ(red_gates(facts), all_gates);
}

// Zone mexico-b of a region that serves.
OpeningFacts sound_zone_facts() {
  auto facts = sound_facts();
  facts.opening.region.clear();
  facts.opening.zone = "mexico-b";
  facts.zones = {"mexico-b"};
  facts.neighbours.emplace_back("mexico-a");
  for (auto& look : facts.looks) look.of_place = look.zone == "mexico-b";
  std::erase_if(facts.probes, [](const auto& probe) { return probe.zone != "mexico-b"; });
  std::erase_if(facts.refusals,
                [](const auto& refusal) { return refusal.probe.zone != "mexico-b"; });
  probe_door(facts, {"", facts.contents->network.regions[1].url, ""}, "mexico-b");
  facts.drills.erase(facts.drills.begin());
  return facts;
}

TEST(OpeningGate, AZoneOfARegionThatServesIsJudgedByItself) {
  auto facts = sound_zone_facts();
  EXPECT_EQ(red_gates(facts), Gates());
  facts.drills.front().probes.front().computed_in = "texas-a";
  EXPECT_EQ(red_gates(facts), Gates()) << "a neighbour may answer, too";
  const auto gap = gap_of("vision", policy::Missing::not_deployed);
  facts.parity->gaps = {gap};
  EXPECT_EQ(red_gates(facts), Gates()) << "what its region lacks beside it is not its matter";
  facts.drills.clear();
  EXPECT_EQ(red_gates(facts), Gates{"loss"});
}

TEST(OpeningGate, ARegionOfOneZoneHasToSayThatItsLossIsMeant) {
  auto facts = sound_zone_facts();
  facts.opening.zone.clear();
  facts.opening.region = "mexico";
  change(facts, [](auto& contents) {
    auto& network = contents.network;
    network.zones.erase(network.zones.begin() + 1);
    std::erase_if(network.deployments,
                  [](const auto& deployment) { return deployment.zone == "mexico-a"; });
  });
  EXPECT_EQ(red_gates(facts), Gates{"loss"});
  EXPECT_TRUE(names(judge(Gate::loss, facts), "region mexico", "skip this gate"));
}

TEST(OpeningGate, WhatIsRestrictedOrClosedByItsOwnRuleIsNoGap) {
  auto facts = sound_facts();
  const auto drained = gap_of("small", policy::Missing::restricted);
  auto closed = gap_of("large", policy::Missing::denied_by_rule);
  closed.rules = {"opening-mexico"};
  facts.parity->gaps = {drained, closed};
  EXPECT_EQ(red_gates(facts), Gates());
  EXPECT_EQ(judge(Gate::catalogue, facts).evidence.size(), 4u) << "but it is told";
  facts.parity->gaps.back().rules.emplace_back("licence");
  EXPECT_EQ(red_gates(facts), Gates{"catalogue"});
}

TEST(OpeningGate, WhereNoTargetAsksItSaysSoAndHoldsAgainstWhatIsDeployed) {
  auto facts = sound_facts();
  change(facts, [](auto& contents) { contents.parity_targets.front().except = {"mexico"}; });
  EXPECT_EQ(red_gates(facts), Gates());
  const auto verdict = judge(Gate::catalogue, facts);
  ASSERT_FALSE(verdict.evidence.empty());
  EXPECT_TRUE(
      verdict.evidence.front().contains("No ParityTarget asks for anything of region mexico"));
}

TEST(OpeningGate, OfALargeNetworkOneZoneOfEachRegionIsAskedAtLeast) {
  auto facts = sound_facts();
  std::erase_if(facts.looks, [](const auto& look) { return look.zone == "texas-b"; });
  EXPECT_EQ(red_gates(facts), Gates()) << "texas-a was asked";
  std::erase_if(facts.looks, [](const auto& look) { return look.zone == "texas-a"; });
  EXPECT_EQ(red_gates(facts), Gates{"reach"});
}

TEST(OpeningGate, AGatewayThatCanNotServeIsReachedAllTheSame) {
  auto facts = sound_facts();
  reach(facts, "gw-mexico-a-2", "gw-chile-a-1").why = "it can not serve";
  const auto verdict = judge(Gate::reach, facts);
  EXPECT_TRUE(verdict.findings.empty()) << shown(verdict);
  EXPECT_TRUE(verdict.evidence.at(1).contains("can not serve: gw-chile-a-1.")) << "but it is told";
}

TEST(OpeningGate, ANewerKeyringThanThatOfTheLookIsNoFault) {
  auto facts = sound_facts();
  heard_from(facts, "gw-mexico-a-1").said.keyring->version.number = 12;
  EXPECT_EQ(red_gates(facts), Gates());
}

TEST(OpeningGate, MayHaveUpToTheLastMillisecond) {
  auto facts = sound_facts();
  auto& found = *look_at(facts, "gw-mexico-a-1").found;
  found.clock_ahead = Duration::milliseconds(515);  // 500, give or take 15
  EXPECT_EQ(red_gates(facts), Gates());
  found.clock_ahead = Duration::milliseconds(516);
  EXPECT_EQ(red_gates(facts), Gates{"clocks"});
}

}  // namespace
}  // namespace portolan::control
