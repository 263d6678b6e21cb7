#include "policy/plan_wave.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <set>

namespace portolan::policy {
namespace {

using Zones = std::vector<WaveZone>;

WaveZone zone(std::string name, std::string region, std::string group) {
  return {.name = std::move(name),
          .region = std::move(region),
          .failure_group = std::move(group),
          .connected = true};
}

// Two regions of one group and one of another, as in most networks.
Zones small() {
  return {zone("eu-1a", "eu-1", "DE"), zone("eu-1b", "eu-1", "DE"), zone("eu-2a", "eu-2", "DE"),
          zone("eu-2b", "eu-2", "DE"), zone("sg-1a", "sg-1", "SG"), zone("sg-1b", "sg-1", "SG")};
}

std::set<std::string> release(Zones& zones) {
  std::set<std::string> names;
  for (const auto at : plan_wave(zones)) {
    zones[at].released = true;
    names.insert(zones[at].name);
  }
  return names;
}

using Names = std::set<std::string>;

TEST(PlanWave, NothingOfNothing) { EXPECT_TRUE(plan_wave({}).empty()); }

TEST(PlanWave, OneZoneThenItsRegionThenOneRegionOfEachFailureGroup) {
  auto zones = small();
  EXPECT_EQ(release(zones), Names{"eu-1a"});
  EXPECT_EQ(release(zones), Names{"eu-1b"});
  EXPECT_EQ(release(zones), (Names{"eu-2a", "eu-2b", "sg-1a", "sg-1b"}));
  EXPECT_TRUE(plan_wave(zones).empty());
}

TEST(PlanWave, TwoRegionsOfOneFailureGroupGoOneAfterTheOther) {
  Zones zones = {zone("a", "r1", "CN"), zone("b", "r1", "CN"), zone("c", "r2", "CN"),
                 zone("d", "r3", "CN")};
  EXPECT_EQ(release(zones), Names{"a"});
  EXPECT_EQ(release(zones), Names{"b"});
  EXPECT_EQ(release(zones), Names{"c"});
  EXPECT_EQ(release(zones), Names{"d"});
}

TEST(PlanWave, AfterARegionOfOneZoneComesOneRegionMoreAlone) {
  Zones zones = {zone("a", "r1", "A"), zone("b", "r2", "B"), zone("c", "r2", "B"),
                 zone("d", "r3", "C")};
  EXPECT_EQ(release(zones), Names{"a"});
  EXPECT_EQ(release(zones), (Names{"b", "c"}));
  EXPECT_EQ(release(zones), Names{"d"});
}

TEST(PlanWave, BeginsWhereMostIsSeen) {
  auto zones = small();
  zones[5].requests = 100;
  EXPECT_EQ(release(zones), Names{"sg-1b"});
  zones = small();
  zones[5].requests = 100;
  zones[3].touched = true;
  EXPECT_EQ(release(zones), Names{"eu-2b"}) << "what changes there shows there";
  zones = small();
  zones[3].touched = true;
  zones[3].connected = false;
  EXPECT_EQ(release(zones), Names{"eu-1a"}) << "nobody there could tell";
}

Zones random_zones() {
  Zones zones;
  const auto regions = *rc::gen::inRange(1, 12);
  for (int r = 0; r < regions; ++r) {
    const auto group = "g" + std::to_string(*rc::gen::inRange(0, 4));
    const auto count = *rc::gen::inRange(1, 5);
    for (int z = 0; z < count; ++z) {
      zones.push_back(
          zone("r" + std::to_string(r) + "-" + std::to_string(z), "r" + std::to_string(r), group));
      zones.back().connected = *rc::gen::arbitrary<bool>();
      zones.back().touched = *rc::gen::arbitrary<bool>();
      zones.back().requests = *rc::gen::inRange<std::uint64_t>(0, 1'000);
    }
  }
  return zones;
}

struct Wave {
  std::map<std::string, std::set<std::string>> regions_of_group;
  std::set<std::string> regions;
  std::size_t zones = 0;
};

Wave take(Zones& zones) {
  Wave wave;
  for (const auto at : plan_wave(zones)) {
    RC_ASSERT(!zones[at].released);
    zones[at].released = true;
    wave.regions_of_group[zones[at].failure_group].insert(zones[at].region);
    wave.regions.insert(zones[at].region);
    ++wave.zones;
  }
  return wave;
}

TEST(PlanWave, EveryZoneOnceAndNeverTwoRegionsOfOneGroupAtOnce) {
  EXPECT_TRUE(rc::check([] {
    auto zones = random_zones();
    std::size_t released = 0;
    for (std::size_t step = 0; released < zones.size(); ++step) {
      RC_ASSERT(step < zones.size());
      const auto wave = take(zones);
      RC_ASSERT(wave.zones > 0u);
      if (step == 0) RC_ASSERT(wave.zones == 1u);
      if (step == 1) RC_ASSERT(wave.regions.size() == 1u);
      for (const auto& [group, regions] : wave.regions_of_group) RC_ASSERT(regions.size() == 1u);
      released += wave.zones;
    }
    RC_ASSERT(plan_wave(zones).empty());
  }));
}

// Who takes a rollout over in its middle knows only what was released.
TEST(PlanWave, WhatCountsIsWhatWasReleasedAndNotInWhichOrder) {
  EXPECT_TRUE(rc::check([] {
    auto zones = random_zones();
    for (auto& zone : zones) zone.released = *rc::gen::arbitrary<bool>();
    while (true) {
      const auto wave = take(zones);
      if (wave.zones == 0) break;
      for (const auto& [group, regions] : wave.regions_of_group) RC_ASSERT(regions.size() == 1u);
    }
    for (const auto& zone : zones) RC_ASSERT(zone.released);
  }));
}

}  // namespace
}  // namespace portolan::policy
