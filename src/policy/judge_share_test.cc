#include "policy/judge_share.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace portolan::policy {
namespace {

using Kind = ShareVerdict::Kind;

// Watched for long enough, as many as wanted came and went well.
ShareEvidence good() {
  return {.percent = 10,
          .age = Duration::seconds(20),
          .requests_wanted = 20,
          .gateways = {{.id = "g", .zone = "z"}},
          .here = {40, 0, 0, 0},
          .others = {1'000, 2, 3, 0}};
}

bool says(const ShareVerdict& verdict, std::string_view part) {
  return verdict.why.find(part) != std::string::npos;
}

TEST(JudgeShare, ErrorsAboveThoseOfTheRestAreHarmBeforeItsTime) {
  auto evidence = good();
  evidence.age = Duration::seconds(1);
  evidence.here.errors = 12;
  const auto verdict = judge_share(evidence);
  EXPECT_EQ(verdict.kind, Kind::hold);
  EXPECT_TRUE(says(verdict, "12 of 40 requests ended by errors; 2 of 1000 elsewhere"))
      << verdict.why;
  evidence.others.errors = 300;
  EXPECT_NE(judge_share(evidence).kind, Kind::hold) << "the whole network has them";
}

TEST(JudgeShare, RefusalsAboveThoseOfTheRestAreHarm) {
  auto evidence = good();
  evidence.here.refusals = 20;
  EXPECT_EQ(judge_share(evidence).kind, Kind::hold);
}

TEST(JudgeShare, RequestsThatGoOnToASecondPlaceAreHarm) {
  auto evidence = good();
  evidence.here.detours = 12;
  const auto verdict = judge_share(evidence);
  EXPECT_EQ(verdict.kind, Kind::hold);
  EXPECT_TRUE(says(verdict, "12 of 40 requests needed a second place")) << verdict.why;
}

TEST(JudgeShare, AGatewayThatIsSilentOrHasLostItsEnginesIsHarm) {
  auto evidence = good();
  evidence.gateways[0].silent = Duration::seconds(30);
  EXPECT_TRUE(says(judge_share(evidence), "Gateway g in zone z"));
  EXPECT_EQ(judge_share(evidence).kind, Kind::hold);
  evidence.gateways[0].silent = Duration::seconds(6);
  EXPECT_EQ(judge_share(evidence).kind, Kind::wait) << "what it serves is not known";
  evidence.gateways[0] = {.id = "g", .zone = "z", .silent = {}, .engines_down = 1};
  EXPECT_EQ(judge_share(evidence).kind, Kind::hold);
  evidence.age = Duration::seconds(12);
  EXPECT_EQ(judge_share(evidence).kind, Kind::go_on) << "it may have only just begun to probe";
}

TEST(JudgeShare, WhatMayBeChanceIsWaitedForAndThenNotLetGo) {
  auto evidence = good();
  evidence.others = {0, 0, 0, 0};
  evidence.here = {30, 6, 0, 0};
  EXPECT_EQ(judge_share(evidence).kind, Kind::wait);
  evidence.age = Duration::seconds(60);
  EXPECT_EQ(judge_share(evidence).kind, Kind::hold);
  evidence.here = {30, 4, 0, 0};
  EXPECT_EQ(judge_share(evidence).kind, Kind::go_on) << "four cases are chance";
}

TEST(JudgeShare, AQuietPlaceGoesOnAndSaysThatNobodyCame) {
  auto evidence = good();
  evidence.here = {};
  EXPECT_EQ(judge_share(evidence).kind, Kind::wait);
  evidence.age = opening_quiet_ms.milliseconds();
  const auto verdict = judge_share(evidence);
  EXPECT_EQ(verdict.kind, Kind::go_on);
  EXPECT_TRUE(says(verdict, "nobody came")) << verdict.why;
}

TEST(JudgeShare, ItGoesOnWithTheRequestsThatWereWanted) {
  auto evidence = good();
  EXPECT_EQ(judge_share(evidence).kind, Kind::go_on);
  evidence.age = Duration::seconds(9);
  EXPECT_EQ(judge_share(evidence).kind, Kind::wait) << "each share is watched";
  evidence = good();
  evidence.here.requests = 19;
  EXPECT_EQ(judge_share(evidence).kind, Kind::wait);
}

TEST(JudgeShare, NeverWaitsLongerThanAQuietShareAndMoreErrorsNeverHelp) {
  EXPECT_TRUE(rc::check([] {
    auto evidence = good();
    evidence.age = Duration::seconds(*rc::gen::inRange(0, 120));
    evidence.here.requests = *rc::gen::inRange<std::uint64_t>(0, 200);
    evidence.here.errors = *rc::gen::inRange<std::uint64_t>(0, evidence.here.requests + 1);
    evidence.others.requests = *rc::gen::inRange<std::uint64_t>(0, 2'000);
    evidence.others.errors = *rc::gen::inRange<std::uint64_t>(0, evidence.others.requests / 4 + 1);
    const auto verdict = judge_share(evidence);
    RC_ASSERT(!verdict.why.empty());
    if (evidence.age >= opening_quiet_ms.milliseconds()) RC_ASSERT(verdict.kind != Kind::wait);
    if (verdict.kind != Kind::hold || evidence.here.errors == evidence.here.requests) return;
    ++evidence.here.errors;
    RC_ASSERT(judge_share(evidence).kind == Kind::hold);
  }));
}

}  // namespace
}  // namespace portolan::policy
