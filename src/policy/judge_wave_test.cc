#include "policy/judge_wave.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <functional>

namespace portolan::policy {
namespace {

using Kind = WaveVerdict::Kind;
using model::ServedCounts;

constexpr std::size_t fast = 3;
constexpr std::size_t slow = 8;

ServedCounts served(std::uint64_t requests, std::uint64_t errors = 0) {
  ServedCounts counts;
  counts.requests = requests;
  counts.errors = errors;
  counts.first_bytes[fast] = requests - errors;
  return counts;
}

// One zone, one gateway, watched for long enough, served as well as before.
WaveEvidence good() {
  WaveEvidence evidence;
  evidence.step_age = Duration::seconds(20);
  evidence.held_for = Duration::seconds(16);
  evidence.gateways.push_back({.id = "g", .zone = "z", .in_step = true, .holds = true});
  evidence.zones.push_back(
      {.zone = "z", .in_step = true, .before = served(1'000, 10), .after = served(200, 2)});
  evidence.others = served(200, 2);
  return evidence;
}

bool says(const WaveVerdict& verdict, std::string_view part) {
  return verdict.why.find(part) != verdict.why.npos;
}

TEST(JudgeWave, ARefusalGoesBackAndSaysWhoAndWhy) {
  auto evidence = good();
  evidence.gateways[0].holds = false;
  evidence.gateways[0].refusal = "line 7: no such region";
  const auto verdict = judge_wave(evidence);
  EXPECT_EQ(verdict.kind, Kind::go_back);
  EXPECT_TRUE(says(verdict, "Gateway g in zone z")) << verdict.why;
  EXPECT_TRUE(says(verdict, "line 7: no such region")) << verdict.why;
}

TEST(JudgeWave, AGatewayThatVanishesWithItGoesBack) {
  auto evidence = good();
  evidence.gateways[0].silent = wave_reach_ms.milliseconds();
  EXPECT_EQ(judge_wave(evidence).kind, Kind::go_back);
  evidence.gateways[0].silent = wave_reach_ms.milliseconds() - Duration::milliseconds(1);
  EXPECT_EQ(judge_wave(evidence).kind, Kind::wait) << "what it serves is not known";
  evidence.gateways[0].silent = Duration::seconds(2);
  EXPECT_EQ(judge_wave(evidence).kind, Kind::go_on);
}

TEST(JudgeWave, AGatewayThatNeitherTakesNorRefusesGoesBackInTheEnd) {
  auto evidence = good();
  evidence.gateways[0].holds = false;
  evidence.step_age = wave_reach_ms.milliseconds() - Duration::milliseconds(1);
  const auto waits = judge_wave(evidence);
  EXPECT_EQ(waits.kind, Kind::wait);
  EXPECT_TRUE(says(waits, "0 of 1 gateways")) << waits.why;
  evidence.step_age = wave_reach_ms.milliseconds();
  EXPECT_EQ(judge_wave(evidence).kind, Kind::go_back);
}

TEST(JudgeWave, ALostEngineGoesBackOnceItHadTime) {
  auto evidence = good();
  evidence.gateways[0].engines_down = 1;
  evidence.held_for = wave_engines_ms.milliseconds() - Duration::milliseconds(1);
  EXPECT_EQ(judge_wave(evidence).kind, Kind::wait);
  evidence.held_for = wave_engines_ms.milliseconds();
  const auto verdict = judge_wave(evidence);
  EXPECT_EQ(verdict.kind, Kind::go_back);
  EXPECT_TRUE(says(verdict, "1 engines that do not answer their probes; 0 before"));
  evidence.gateways[0].engines_down_before = 1;
  EXPECT_EQ(judge_wave(evidence).kind, Kind::go_on) << "it was down before";
}

TEST(JudgeWave, EachKindOfHarmToRequestsGoesBackAndIsNamed) {
  const auto with = [](const std::function<void(ServedCounts&)>& harm) {
    auto evidence = good();
    harm(evidence.zones[0].after);
    return judge_wave(evidence);
  };
  const auto errors = with([](ServedCounts& counts) { counts.errors = 60; });
  EXPECT_EQ(errors.kind, Kind::go_back);
  EXPECT_TRUE(says(errors, "In zone z 60 of 200 requests ended by errors; 10 of 1000 before."));
  const auto refusals = with([](ServedCounts& counts) { counts.refusals = 60; });
  EXPECT_EQ(refusals.kind, Kind::go_back);
  EXPECT_TRUE(says(refusals, "refused")) << refusals.why;
  EXPECT_TRUE(says(refusals, "--refusals-meant")) << refusals.why;
  const auto meant = [](std::uint64_t errors) {
    auto evidence = good();
    evidence.refusals_meant = true;
    evidence.zones[0].after.refusals = 60;
    evidence.zones[0].after.errors += errors;
    return judge_wave(evidence).kind;
  };
  EXPECT_EQ(meant(0), Kind::go_on);
  EXPECT_EQ(meant(60), Kind::go_back) << "these are not meant";
  const auto detours = with([](ServedCounts& counts) { counts.detours = 80; });
  EXPECT_EQ(detours.kind, Kind::go_back);
  EXPECT_TRUE(says(detours, "second place")) << detours.why;
  const auto late = with(
      [](ServedCounts& counts) { std::swap(counts.first_bytes[fast], counts.first_bytes[slow]); });
  EXPECT_EQ(late.kind, Kind::go_back);
  EXPECT_TRUE(says(late, "first byte")) << late.why;
}

TEST(JudgeWave, HarmInAnEarlierZoneIsNotHiddenByTheNewestStep) {
  auto evidence = good();
  auto earlier = evidence.zones[0];
  earlier.zone = "y";
  earlier.in_step = false;
  earlier.after = served(100, 50);
  evidence.zones.push_back(earlier);
  evidence.zones[0].after = served(100'000, 1'000);
  EXPECT_TRUE(says(judge_wave(evidence), "In zone y"));
}

TEST(JudgeWave, WhatRoseWhereTheOldWorldIsAsWellIsNotItsDoing) {
  auto evidence = good();
  evidence.zones[0].after = served(200, 60);
  evidence.others = served(400, 120);
  EXPECT_EQ(judge_wave(evidence).kind, Kind::go_on);
}

TEST(JudgeWave, WhatWasBadBeforeMayStayAsBad) {
  auto evidence = good();
  evidence.zones[0].before = served(20, 20);
  evidence.zones[0].after = served(500, 500);
  evidence.others = {};
  EXPECT_EQ(judge_wave(evidence).kind, Kind::go_on);
}

TEST(JudgeWave, WhereNothingWasServedBeforeErrorsAreStillHarm) {
  auto evidence = good();
  evidence.zones[0].before = {};
  evidence.others = {};
  evidence.zones[0].after = served(30, 30);
  EXPECT_EQ(judge_wave(evidence).kind, Kind::go_back);
}

TEST(JudgeWave, AStepWithoutTrafficGoesOnAfterABoundedWaitAndSaysSo) {
  auto evidence = good();
  evidence.zones[0].after = served(3);
  EXPECT_EQ(judge_wave(evidence).kind, Kind::wait);
  evidence.held_for = wave_quiet_ms.milliseconds();
  evidence.step_age = evidence.held_for;
  const auto verdict = judge_wave(evidence);
  EXPECT_EQ(verdict.kind, Kind::go_on);
  EXPECT_TRUE(says(verdict, "no traffic: 3 requests")) << verdict.why;
}

TEST(JudgeWave, AStepWithoutGatewaysGoesOnAndSaysSo) {
  auto evidence = good();
  evidence.gateways.clear();
  EXPECT_EQ(judge_wave(evidence).kind, Kind::wait);
  evidence.held_for = wave_quiet_ms.milliseconds();
  const auto verdict = judge_wave(evidence);
  EXPECT_EQ(verdict.kind, Kind::go_on);
  EXPECT_TRUE(says(verdict, "No gateway")) << verdict.why;
}

TEST(JudgeWave, NoStepIsShorterThanItsWatch) {
  auto evidence = good();
  evidence.held_for = wave_watch_ms.milliseconds() - Duration::milliseconds(1);
  EXPECT_EQ(judge_wave(evidence).kind, Kind::wait);
  evidence.held_for = wave_watch_ms.milliseconds();
  EXPECT_EQ(judge_wave(evidence).kind, Kind::go_on);
}

ServedCounts random_counts(std::uint64_t requests_max) {
  ServedCounts counts;
  counts.requests = *rc::gen::inRange<std::uint64_t>(0, requests_max);
  const auto part = [&] { return *rc::gen::inRange<std::uint64_t>(0, counts.requests + 1); };
  counts.errors = part();
  counts.refusals = part();
  counts.detours = part();
  auto left = counts.requests - counts.errors;
  for (auto& count : counts.first_bytes) {
    count = std::min(left, part());
    left -= count;
  }
  return counts;
}

WaveEvidence random_evidence() {
  WaveEvidence evidence;
  evidence.step_age = Duration::milliseconds(*rc::gen::inRange(0, 200'000));
  evidence.held_for = evidence.step_age;
  const auto gateways = *rc::gen::inRange(0, 4);
  bool all_hold = true;
  for (int i = 0; i < gateways; ++i) {
    WaveGateway gateway{.id = "g" + std::to_string(i), .zone = "z", .in_step = true};
    gateway.holds = *rc::gen::arbitrary<bool>();
    gateway.silent = Duration::milliseconds(*rc::gen::inRange(0, 50'000));
    gateway.engines_down = *rc::gen::inRange<std::uint64_t>(0, 2);
    gateway.engines_down_before = *rc::gen::inRange<std::uint64_t>(0, 2);
    all_hold = all_hold && gateway.holds;
    evidence.gateways.push_back(gateway);
  }
  // What was taken was taken while there was time for it.
  const auto taken_ms =
      *rc::gen::inRange<std::int64_t>(0, static_cast<std::int64_t>(wave_reach_ms.value));
  if (all_hold) {
    evidence.held_for = std::max(Duration{}, evidence.step_age - Duration::milliseconds(taken_ms));
  } else {
    evidence.held_for = {};
  }
  evidence.zones.push_back({.zone = "z",
                            .in_step = true,
                            .before = random_counts(2'000),
                            .after = random_counts(2'000)});
  if (*rc::gen::arbitrary<bool>()) evidence.others = random_counts(2'000);
  return evidence;
}

TEST(JudgeWave, NoStepWaitsForEver) {
  EXPECT_TRUE(rc::check([] {
    auto evidence = random_evidence();
    const auto longest = wave_reach_ms.milliseconds() + wave_quiet_ms.milliseconds();
    for (auto& gateway : evidence.gateways) {
      // Silence does not last: it ends, or becomes too long.
      const auto reach = wave_reach_ms.milliseconds();
      if (gateway.silent < reach) gateway.silent = gateway.silent / 30;
    }
    const auto verdict = judge_wave(evidence);
    RC_ASSERT(!verdict.why.empty());
    if (evidence.step_age >= longest) RC_ASSERT(verdict.kind != Kind::wait);
  }));
}

TEST(JudgeWave, MoreErrorsNeverMakeAWorldBetter) {
  EXPECT_TRUE(rc::check([] {
    auto evidence = random_evidence();
    auto& after = evidence.zones[0].after;
    const auto before = judge_wave(evidence).kind;
    after.errors = *rc::gen::inRange(after.errors, after.requests + 1);
    if (before == Kind::go_back) RC_ASSERT(judge_wave(evidence).kind == Kind::go_back);
  }));
}

TEST(JudgeWave, TheSameSharesAsBeforeAreNoHarm) {
  EXPECT_TRUE(rc::check([] {
    auto evidence = random_evidence();
    for (auto& gateway : evidence.gateways) {
      gateway.holds = true;
      gateway.silent = {};
      gateway.engines_down = gateway.engines_down_before;
    }
    auto& zone = evidence.zones[0];
    if (zone.before.requests < 20) zone.before = served(20, 20);
    zone.after = {};
    const auto times = *rc::gen::inRange(1, 20);
    for (int i = 0; i < times; ++i) zone.after += zone.before;
    RC_ASSERT(judge_wave(evidence).kind != Kind::go_back);
  }));
}

}  // namespace
}  // namespace portolan::policy
