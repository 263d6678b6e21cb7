#include "control/compare_golden.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace portolan::control {
namespace {

world::EngineInspection usual() {
  world::EngineInspection engine;
  engine.model = "small";
  engine.url = "http://e";
  engine.healthy = true;
  engine.template_sha256 = "aaaaaaaaaaaaaaaa";
  engine.tokenizer_sha256 = "bbbb";
  engine.weights.parameters = 7;
  engine.probes = {{.prompt = "tide", .prompt_tokens = Tokens{35}, .text_sha256 = "cccc"}};
  return engine;
}

std::vector<GoldenZone> zones_with(std::vector<world::EngineInspection> engines) {
  std::vector<GoldenZone> zones;
  for (auto& engine : engines) {
    const std::string name = "zone-" + std::to_string(zones.size() + 1);
    zones.push_back({.zone = name, .gateway = "g-" + name, .engines = {std::move(engine)}});
  }
  return zones;
}

GoldenModel compare_one(std::vector<world::EngineInspection> engines) {
  const auto models = compare_golden(zones_with(std::move(engines)));
  EXPECT_EQ(models.size(), 1u);
  return models.front();
}

TEST(CompareGolden, NamesTheOddOneOutForEachFact) {
  const auto odd_by = [](auto change) {
    auto odd = usual();
    change(odd);
    const auto model = compare_one({usual(), odd, usual()});
    EXPECT_EQ(model.findings.size(), 1u);
    EXPECT_EQ(model.findings.front().kind, GoldenKind::odd);
    EXPECT_EQ(model.findings.front().zone, "zone-2");
    return model.findings.front();
  };
  EXPECT_EQ(odd_by([](auto& engine) { engine.template_sha256 = "dd"; }).fact, "template");
  EXPECT_EQ(odd_by([](auto& engine) { engine.tokenizer_sha256 = "dd"; }).fact, "tokenizer");
  EXPECT_EQ(odd_by([](auto& engine) { engine.weights.parameters = 8; }).fact, "weights");
  EXPECT_EQ(odd_by([](auto& engine) { engine.probes.front().prompt_tokens = Tokens{36}; }).fact,
            "prompt tokens of tide");
  const auto output = odd_by([](auto& engine) { engine.probes.front().text_sha256 = "dddd"; });
  EXPECT_EQ(output.fact, "output of tide");
  EXPECT_EQ(output.said, "dddd");
  EXPECT_EQ(output.others, "cccc");
}

TEST(CompareGolden, WhatTheRestMayComeFromIsFirst) {
  auto odd = usual();
  odd.template_sha256 = "dd";
  odd.probes.front().prompt_tokens = Tokens{40};
  odd.probes.front().text_sha256 = "ee";
  const auto model = compare_one({odd, usual(), usual()});
  ASSERT_EQ(model.findings.size(), 3u);
  EXPECT_EQ(model.findings.front().fact, "template");
  EXPECT_EQ(model.findings.back().fact, "output of tide");
}

TEST(CompareGolden, OfTwoNobodyIsTheOddOne) {
  auto other = usual();
  other.tokenizer_sha256 = "dd";
  const auto model = compare_one({usual(), other});
  ASSERT_EQ(model.findings.size(), 2u);
  for (const auto& finding : model.findings) EXPECT_EQ(finding.kind, GoldenKind::split);
}

TEST(CompareGolden, ManyEnginesOfOneZoneAreOneVoice) {
  auto odd = usual();
  odd.template_sha256 = "dd";
  auto zones = zones_with({odd, usual(), usual()});
  for (int i = 0; i < 9; ++i) zones.front().engines.push_back(odd);
  const auto models = compare_golden(zones);
  EXPECT_EQ(models.front().engines, 12u);
  EXPECT_EQ(models.front().zones, 3u);
  for (const auto& finding : models.front().findings) EXPECT_EQ(finding.zone, "zone-1");
}

TEST(CompareGolden, WhoDoesNotTellIsComparedWithNobody) {
  auto silent = usual();
  silent.template_sha256.clear();
  silent.tokenizer_sha256.clear();
  silent.weights = {};
  EXPECT_TRUE(compare_one({usual(), silent, usual()}).agrees());
}

TEST(CompareGolden, AnEngineThatContradictsItselfOrWasNotHeardIsFound) {
  auto wrong = usual();
  wrong.probes.front().tokens_by_template = Tokens{30};
  auto down = usual();
  down.why = "the gateway's probes find it down";
  down.probes.clear();
  const auto model = compare_one({usual(), wrong, down});
  ASSERT_EQ(model.findings.size(), 2u);
  EXPECT_EQ(model.findings.front().kind, GoldenKind::contradicts);
  EXPECT_EQ(model.findings.back().kind, GoldenKind::unheard);
  EXPECT_FALSE(model.agrees());
}

TEST(CompareGolden, ModelsAreComparedEachByItself) {
  auto other = usual();
  other.model = "large";
  other.template_sha256 = "dd";
  const auto models = compare_golden(zones_with({usual(), other, usual()}));
  ASSERT_EQ(models.size(), 2u);
  EXPECT_TRUE(std::ranges::all_of(models, &GoldenModel::agrees));
}

}  // namespace
}  // namespace portolan::control
