#include "control/golden_record.h"

#include <gtest/gtest.h>

namespace portolan::control {
namespace {

constexpr WallTime day{1'700'000'000'000'000'000};

GoldenZone zone() {
  GoldenZone zone{.zone = "eu-1a", .gateway = "g-1", .asked = day, .why = "", .engines = {}};
  world::EngineInspection engine;
  engine.deployment = "small.eu-1a";
  engine.model = "small";
  engine.kind = "llama.cpp";
  engine.url = "http://e";
  engine.probes = {{.prompt = "capital", .prompt_tokens = Tokens{35}, .text = "Lima"}};
  zone.engines = {engine};
  return zone;
}

store::Range range_of(std::vector<store::KeyValue> items) { return {std::move(items), 9}; }

TEST(GoldenRecord, WhatCannotBeReadIsNotRecorded) {
  const auto record = read_golden(range_of({{"golden/run", "{", 1, 4},
                                            {"golden/zone/a", "[]", 1, 1},
                                            {"golden/zone/b", R"({"kind":"golden-zone"})", 1, 1},
                                            {"golden/else", "x", 1, 1}}));
  EXPECT_FALSE(record.run);
  EXPECT_EQ(record.run_revision, 4u);
  EXPECT_TRUE(record.zones.empty());
  EXPECT_EQ(record.keys.size(), 2u);
}

TEST(GoldenRecord, ARunThatDiedIsTakenUpAgain) {
  GoldenRecord record;
  const auto interval = golden_interval_ms.milliseconds();
  EXPECT_EQ(golden_due(record, day), day + interval) << "what starts has time";
  record.run = GoldenRun{.began = day, .ended = std::nullopt, .by = "daily"};
  const auto hour = Duration::hours(1);
  EXPECT_TRUE(is_running(record, day + Duration::seconds(1)));
  EXPECT_FALSE(is_running(record, day + hour));
  EXPECT_LT(golden_due(record, day), day + hour);
  record.run->ended = day + Duration::seconds(9);
  EXPECT_FALSE(is_running(record, day + Duration::seconds(10)));
  EXPECT_EQ(golden_due(record, day + hour), day + interval);
}

TEST(GoldenRecord, ReadsBackAsItWas) {
  const GoldenRun run{.began = day, .ended = day + Duration::seconds(4), .by = "daily"};
  const auto record =
      read_golden(range_of({{"golden/run", render_golden_run(run), 1, 7},
                            {"golden/zone/eu-1a", render_golden_zone(zone()), 1, 1}}));
  EXPECT_EQ(record.run, run);
  EXPECT_EQ(record.zones, std::vector{zone()});
}

TEST(GoldenRecord, AZoneThatSaysTooMuchLosesItsTexts) {
  auto large = zone();
  large.engines.resize(64, large.engines.front());
  for (auto& engine : large.engines) {
    engine.probes.resize(8, {.prompt = "p", .text = std::string(4'000, 'x')});
  }
  const auto text = render_golden_zone(large);
  EXPECT_LE(text.size(), store::store_value_bytes_max.count());
  const auto record = read_golden(range_of({{"golden/zone/eu-1a", text, 1, 1}}));
  EXPECT_EQ(record.zones.front().engines.size(), 64u);
}

TEST(GoldenRecord, PromptsKeepTheBoundsOfAnInspection) {
  world::InspectionRequest request;
  request.prompts = golden_prompts();
  EXPECT_TRUE(world::decode_inspection_request(world::encode_inspection_request(request)));
}

}  // namespace
}  // namespace portolan::control
