// An opening on two controls, each polled by a part of the place's gateways and neighbours.

#include "control/openings_stage_test_support.h"
#include "control/two_controls_test_support.h"

namespace portolan::control {
namespace {

using namespace testing;

struct ToldOpeningsTest : ControlStage {
  using Scene = Task<void> (*)(Stage& stage, OpeningsAt& at, SecondControl& second,
                               Mexicans& mexicans);

  // The first control drives; zone mx-1b and the neighbour eu-1a poll the second.
  static void act(Scene scene) {
    scene_ = scene;
    play([](Stage& stage) -> Task<void> {
      co_await apply(stage, three_regions);
      auto options = options_of("net");
      auto second = co_await begin_second(stage, std::move(options));
      OpeningsAt at(stage.shard, *stage.control, *stage.store);
      OpeningsAt beside(stage.shard, *second->control, *stage.store);
      at.begin();
      co_await wait(stage, 2);
      beside.begin();
      Mexicans mexicans(stage);
      mexicans.gateways[1].other = second->control.get();
      mexicans.gateways[2].other = second->control.get();
      co_await wait(stage, 8);
      co_await scene_(stage, at, *second, mexicans);
      co_await end_second(*second, mexicans.gateways);
      co_await mexicans.leave();
      co_await beside.end();
      co_await at.end();
    });
  }

 private:
  static inline Scene scene_ = nullptr;
};

std::string zone_text(const std::string& name, const std::string& region) {
  return "---\napiVersion: portolan/v1\nkind: Zone\nmetadata: {name: " + name +
         "}\nspec: {region: " + region + ", gateways: [{id: g-" + name + ", url: \"http://" + name +
         "\", hop: \"" + name + ":7\"}]}\n";
}

std::string skip_all_but(std::string_view gate) {
  auto text = skip_all();
  const std::string skipped = "{gate: " + std::string(gate) + ", reason: a test}";
  const auto at = text.find(skipped);
  text.erase(at, skipped.size());
  if (text.substr(at).starts_with(", ")) text.erase(at, 2);
  if (text.substr(0, at).ends_with(", ") && text.substr(at) == "]") text.erase(at - 2, 2);
  return text;
}

TEST_F(ToldOpeningsTest, AGateIsGreenByWhatANeighbourToldTheOtherControl) {
  act([](Stage& stage, OpeningsAt& at, SecondControl&, Mexicans& mexicans) -> Task<void> {
    auto named = zone_text("eu-1a", "eu-1");
    co_await apply(stage, std::move(named));
    auto file = region_text("mx-1", "MX", {}) + zone_text("mx-1a", "mx-1") +
                zone_text("mx-1b", "mx-1") +
                "---\napiVersion: portolan/v1\nkind: Opening\nmetadata: {name: mexico}\n"
                "spec: {region: mx-1, neighbours: [eu-1a], load: 4" +
                skip_all_but("neighbours") + "}\n";
    mexicans.gateways[2].load = world::LoadSaid{2, 0};
    co_await wait(stage, 8);
    const auto opened = co_await open(at, std::move(file));
    EXPECT_TRUE(opened) << opened.error().message;
    co_await wait(stage, 30);
    auto record = co_await record_of(at);
    EXPECT_EQ(phase_name(record), "gates") << "there is room for two";
    mexicans.gateways[2].load = world::LoadSaid{8, 1};
    record = co_await wait_for_phase(stage, at, OpeningPhase::sharing, 60);
    EXPECT_EQ(phase_name(record), "sharing") << record.why;
  });
}

TEST_F(ToldOpeningsTest, WhatBothControlsSawOfAShareCounts) {
  act([](Stage& stage, OpeningsAt& at, SecondControl&, Mexicans& mexicans) -> Task<void> {
    mexicans.gateways[0].requests_per_second = 0;
    auto file = mexico(skip_all());
    const auto opened = co_await open(at, std::move(file));
    EXPECT_TRUE(opened);
    const auto serving = co_await wait_for_phase(stage, at, OpeningPhase::serving, 300);
    EXPECT_EQ(phase_name(serving), "serving") << serving.why;
    for (const auto& share : serving.shares) {
      EXPECT_TRUE(share.verdict.find("went as well as elsewhere") != share.verdict.npos)
          << share.verdict;
      EXPECT_LE(share.requests, 10u * 200u) << "nothing is counted twice";
    }
  });
}

TEST_F(ToldOpeningsTest, AGatewayThatTheOtherControlHearsNoMoreIsHarm) {
  act([](Stage& stage, OpeningsAt& at, SecondControl&, Mexicans& mexicans) -> Task<void> {
    auto file = mexico(skip_all());
    const auto opened = co_await open(at, std::move(file));
    EXPECT_TRUE(opened);
    (void)co_await wait_for_phase(stage, at, OpeningPhase::sharing, 60);
    co_await wait(stage, 5);
    mexicans.gateways[1].silent = true;
    const auto held = co_await wait_for_phase(stage, at, OpeningPhase::held, 120);
    EXPECT_NE(held.why.find("g-mx-1b"), std::string::npos) << held.why;
  });
}

TEST_F(ToldOpeningsTest, GatewaysThatMoveBetweenControlsAreCountedOnce) {
  act([](Stage& stage, OpeningsAt& at, SecondControl& second, Mexicans& mexicans) -> Task<void> {
    auto file = mexico(skip_all() + ", requests: 100000");
    const auto opened = co_await open(at, std::move(file));
    EXPECT_TRUE(opened);
    (void)co_await wait_for_phase(stage, at, OpeningPhase::sharing, 60);
    const Instant began = stage.shard.now();
    for (int i = 0; i < 14; ++i) {
      for (auto& gateway : mexicans.gateways) {
        gateway.other = gateway.other == nullptr ? second.control.get() : nullptr;
      }
      co_await wait(stage, 3);
    }
    const auto record = co_await record_of(at);
    EXPECT_EQ(record.shares.size(), 1u);
    const auto seconds = static_cast<std::uint64_t>((stage.shard.now() - began).seconds());
    const std::uint64_t served = 2 * 10 * seconds;
    EXPECT_GE(record.shares[0].requests, served / 2);
    EXPECT_LE(record.shares[0].requests, served + 200);
  });
}

}  // namespace
}  // namespace portolan::control
