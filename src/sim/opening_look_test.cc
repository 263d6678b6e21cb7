#include <algorithm>

#include "control/opening_gate.h"
#include "sim/opening_stage_test_support.h"

namespace portolan::sim {
namespace {

using namespace testing;
using control::OpeningFacts;
using model::Gate;

constexpr auto all_gates = std::to_array<Gate>(
    {Gate::reach, Gate::clocks, Gate::certificates, Gate::engines, Gate::catalogue, Gate::keys,
     Gate::probes, Gate::refusals, Gate::loss, Gate::neighbours});

TEST(OpeningLook, ASoundRegionShowsWhatItIs) {
  play(region_to_open, [](OpeningStage& stage) -> Task<Status> {
    std::vector<Gate> gates(all_gates.begin(), all_gates.end());
    CO_TRY(const auto facts, co_await look_for(stage, std::move(gates)));
    EXPECT_EQ(facts.region, "north");
    EXPECT_EQ(facts.zones, (std::vector<std::string>{"zone-a", "zone-b"}));
    EXPECT_EQ(facts.neighbours, std::vector<std::string>{"zone-c"});
    EXPECT_EQ(facts.looks.size(), 3u);
    for (const auto& look : facts.looks) {
      EXPECT_EQ(look.why, "");
      if (!look.found) continue;
      EXPECT_EQ(look.found->said.engines.size(), 1u) << look.gateway;
      EXPECT_EQ(look.found->said.peers.size(), 2u) << look.gateway;
    }
    EXPECT_EQ(facts.heard.size(), 3u);
    EXPECT_EQ(facts.probes_why, "");
    EXPECT_EQ(facts.probes.size(), 6u);
    for (const auto& probe : facts.probes) {
      EXPECT_TRUE(probe.whole) << probe.door << ": " << probe.status << probe.code << probe.why;
      EXPECT_TRUE(probe.record) << probe.record_why;
      if (!probe.record) continue;
      EXPECT_EQ(probe.record->zone, probe.computed_in);
      EXPECT_EQ(probe.record->state, "completed");
      EXPECT_EQ(probe.record->prompt_tokens, probe.prompt_tokens);
      EXPECT_EQ(probe.record->completion_tokens, probe.completion_tokens);
      EXPECT_EQ(probe.record->completion_tokens, 8u);
    }
    EXPECT_EQ(facts.refusals_why, "");
    EXPECT_EQ(facts.refusals.size(), 7u);
    for (const auto& refusal : facts.refusals) {
      EXPECT_EQ(refusal.probe.code, refusal.wanted_code) << refusal.what << refusal.probe.door;
    }
    EXPECT_EQ(facts.drills.size(), 2u);
    for (const auto& drill : facts.drills) {
      EXPECT_EQ(drill.why + drill.lifted_why, "");
      EXPECT_FALSE(drill.probes.empty());
      for (const auto& probe : drill.probes) {
        EXPECT_TRUE(probe.whole) << probe.door << ": " << probe.status << probe.code << probe.why;
        EXPECT_NE(probe.computed_in, drill.zone);
      }
    }
    EXPECT_TRUE(stage.control->state().restrictions.drained.empty());
    co_return Status{};
  });
}

void expect_green(const OpeningFacts& facts) {
  for (const auto gate : all_gates) {
    // In virtual time there are none.
    if (gate == Gate::certificates) continue;
    const auto verdict = control::judge(gate, facts);
    for (const auto& finding : verdict.findings) {
      ADD_FAILURE() << name_of(gate) << ": " << finding.subject << ": " << finding.sentence;
    }
    EXPECT_FALSE(verdict.evidence.empty()) << name_of(gate);
  }
}

TEST(OpeningLook, OfASoundPlaceEveryGateIsGreen) {
  for (const auto& text : {region_to_open, zone_to_open}) {
    play(text, [](OpeningStage& stage) -> Task<Status> {
      std::vector<Gate> gates(all_gates.begin(), all_gates.end());
      CO_TRY(const auto facts, co_await look_for(stage, std::move(gates)));
      expect_green(facts);
      co_return Status{};
    });
  }
}

TEST(OpeningLook, AZoneOfARegionThatServesIsProbedAlone) {
  play(zone_to_open, [](OpeningStage& stage) -> Task<Status> {
    std::vector<Gate> gates{Gate::probes, Gate::refusals};
    CO_TRY(const auto facts, co_await look_for(stage, std::move(gates)));
    EXPECT_EQ(facts.region, "north");
    EXPECT_EQ(facts.zones, std::vector<std::string>{"zone-b"});
    EXPECT_EQ(facts.neighbours, (std::vector<std::string>{"zone-a", "zone-c"}));
    EXPECT_EQ(facts.probes.size(), 4u) << "at its gateway and at the region's door";
    for (const auto& probe : facts.probes) {
      EXPECT_TRUE(probe.whole) << probe.door << ": " << probe.status << probe.code << probe.why;
      EXPECT_EQ(probe.computed_in, "zone-b") << probe.door;
    }
    EXPECT_EQ(facts.refusals.size(), 4u);
    for (const auto& refusal : facts.refusals) {
      EXPECT_EQ(refusal.probe.code, refusal.wanted_code) << refusal.what << refusal.probe.door;
    }
    co_return Status{};
  });
}

TEST(OpeningLook, WhereTheRuleIsForgottenOutsidersAreAnswered) {
  play(open_region, [](OpeningStage& stage) -> Task<Status> {
    CO_TRY(const auto facts, co_await look_for(stage, Gate::refusals));
    std::size_t answered = 0;
    for (const auto& refusal : facts.refusals) answered += refusal.probe.status == 200;
    EXPECT_EQ(answered, 3u) << "at both doors, and from elsewhere";
    co_return Status{};
  });
}

TEST(OpeningLook, WhatIsDeadIsToldOf) {
  play(region_to_open, [](OpeningStage& stage) -> Task<Status> {
    co_await stage.sites[1]->gateway->kill();
    co_await stage.meter->kill();
    CO_TRY_DO(co_await stage.pass(Duration::seconds(1)));
    std::vector<Gate> gates{Gate::reach, Gate::probes, Gate::keys};
    CO_TRY(const auto facts, co_await look_for(stage, std::move(gates)));
    for (const auto& look : facts.looks) {
      EXPECT_EQ(look.found.has_value(), look.gateway != "gateway-b") << look.why;
      EXPECT_EQ(look.why.empty(), look.gateway != "gateway-b");
    }
    for (const auto& probe : facts.probes) {
      EXPECT_EQ(probe.status, probe.gateway == "gateway-b" ? 0u : 200u) << probe.why;
      EXPECT_FALSE(probe.record);
      EXPECT_EQ(probe.record_why.empty(), probe.gateway == "gateway-b") << probe.record_why;
    }
    for (const auto& heard : facts.heard) {
      EXPECT_EQ(heard.silent > Duration(), heard.gateway == "gateway-b") << heard.gateway;
    }
    co_return Status{};
  });
}

TEST(OpeningLook, AMeterThatWasRevokedIsAskedNothing) {
  play(region_to_open, [](OpeningStage& stage) -> Task<Status> {
    CO_TRY(const auto before, co_await look_for(stage, Gate::probes));
    for (const auto& probe : before.probes) EXPECT_TRUE(probe.record) << probe.record_why;
    CO_TRY_DO(co_await stage.control->revoke_machine("meter-1", {}));
    CO_TRY(const auto after, co_await look_for(stage, Gate::probes));
    EXPECT_FALSE(after.probes.empty());
    for (const auto& probe : after.probes) {
      EXPECT_FALSE(probe.record);
      EXPECT_NE(probe.record_why.find("'meter-1' was revoked"), std::string::npos)
          << probe.record_why;
    }
    co_return Status{};
  });
}

TEST(OpeningLook, AGatewayWithAnotherZonesCertificateIsHeardAndNotBelieved) {
  play(region_to_open, [](OpeningStage& stage) -> Task<Status> {
    auto& site = *stage.sites[1];
    co_await site.gateway->stop();
    site.options.tls = shown_by({"net", seal::Identity::Kind::gateway, "zone-c", "gateway-b"});
    site.gateway->start();
    CO_TRY_DO(co_await stage.pass(Duration::seconds(10)));
    CO_TRY(const auto facts, co_await look_for(stage, Gate::reach));
    const auto look = std::ranges::find(facts.looks, "gateway-b", &control::GatewayLook::gateway);
    EXPECT_TRUE(look->found) << look->why;
    const auto reach = control::judge(Gate::reach, facts);
    EXPECT_FALSE(reach.findings.empty()) << "its peers know it by its certificate";
    co_return Status{};
  });
}

TEST(OpeningLook, AProbesRecordThatDoesNotComeIsWaitedForNotLong) {
  play(region_to_open, [](OpeningStage& stage) -> Task<Status> {
    // The meter is there for control alone.
    for (const auto& site : stage.sites) {
      stage.universe.block({.from = site->options.id, .to = "meter"});
    }
    const Instant began = stage.shard().now();
    CO_TRY(const auto facts, co_await look_for(stage, Gate::probes));
    EXPECT_LT(stage.shard().now() - began, Duration::seconds(40));
    for (const auto& probe : facts.probes) {
      EXPECT_TRUE(probe.whole);
      EXPECT_NE(probe.record_why.find("15000 ms"), std::string::npos) << probe.record_why;
    }
    co_return Status{};
  });
}

TEST(OpeningLook, FewKeysAreMadeAndNoneIsLeft) {
  play(region_to_open, [](OpeningStage& stage) -> Task<Status> {
    for (int again = 0; again < 2; ++again) {
      std::vector<Gate> gates{Gate::probes, Gate::refusals, Gate::loss};
      CO_TRY_DO(co_await look_for(stage, std::move(gates)));
    }
    EXPECT_EQ(stage.control->state().keys.size(), 2u);
    CO_TRY_DO(co_await stage.pass(Duration::seconds(720)));
    CO_TRY(const auto facts, co_await look_for(stage, Gate::probes));
    EXPECT_TRUE(facts.probes.at(0).whole) << "by a key that lasts";
    EXPECT_EQ(stage.control->state().keys.size(), 3u);
    CO_TRY_DO(co_await stage.look->end("north"));
    for (const auto& [id, key] : stage.control->state().keys) {
      EXPECT_TRUE(key.revoked) << key.workspace;
    }
    CO_TRY(const auto after, co_await look_for(stage, Gate::probes));
    EXPECT_TRUE(after.probes.at(0).whole) << "by a new one";
    co_return Status{};
  });
}

TEST(OpeningLook, WithoutItsWorkspacesNothingIsAsked) {
  std::string text = three_zones +
                     "---\nkind: Opening\nmetadata: {name: north}\n"
                     "spec: {region: north}\n";
  play(text, [](OpeningStage& stage) -> Task<Status> {
    std::vector<Gate> gates{Gate::probes, Gate::refusals, Gate::loss};
    CO_TRY(const auto facts, co_await look_for(stage, std::move(gates)));
    EXPECT_NE(facts.probes_why.find("opening-north"), std::string::npos) << facts.probes_why;
    EXPECT_NE(facts.refusals_why.find("opening-north"), std::string::npos) << facts.refusals_why;
    EXPECT_EQ(facts.drills.size(), 2u);
    for (const auto& drill : facts.drills) EXPECT_NE(drill.why, "");
    EXPECT_TRUE(stage.control->state().keys.empty());
    co_return Status{};
  });
}

}  // namespace
}  // namespace portolan::sim
