#include "policy/allowed_zones.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "policy/small_world_test.h"
#include "policy/test_seams.h"

namespace portolan::policy {
namespace {

constexpr WallTime now{1'000};

struct Ask {
  unsigned char key = 2;  // 1: workspace eu, 2: workspace global
  std::string here = "eu-1-a";
  std::string scope = "";
  std::string model = "small";
  model::Narrowing narrowing = {};
};

struct Answer {
  model::View view;
  Result<AllowedZones> zones;
};

Answer ask(const Parts& parts, const Ask& ask) {
  const auto view = parts.view();
  const auto caller = authenticate(view, numbered_key(ask.key).text, now);
  check(caller.has_value(), "a key of the small world");
  const auto grant = may_enter(view, *caller, zone_of(view, ask.here), ask.scope, now);
  check(grant.has_value(), grant ? "" : grant.error().message);
  model::RequestFacts facts;
  facts.model = ask.model;
  facts.narrowing = ask.narrowing;
  return {view, allowed_zones(view, *caller, *grant, facts, now)};
}

Fault refusal(const Parts& parts, const Ask& asked) {
  auto answer = ask(parts, asked);
  check(!answer.zones.has_value(), "expected a refusal");
  return std::move(answer.zones).error();
}

std::string zones(const Parts& parts, const Ask& asked) {
  const auto answer = ask(parts, asked);
  check(answer.zones.has_value(), answer.zones ? "" : answer.zones.error().message);
  return names_of(answer.view, answer.zones->zones);
}

bool says(const Fault& fault, std::string_view words) {
  return fault.message.find(words) != std::string::npos;
}

model::Narrowing only(std::vector<std::string> members) {
  return {.scope = "", .only = std::move(members), .ignore = {}};
}

model::Rule deny_cn(std::string name) {
  model::Rule rule;
  rule.name = std::move(name);
  rule.places.country = {"CN"};
  return rule;
}

// Model `large`, deployed in cn-a alone.
Parts with_large() {
  Parts parts = small_world();
  parts.network.models.resize(2);
  parts.network.models[1].name = "large";
  deploy(parts, "large", "cn-a");
  return parts;
}

TEST(AllowedZones, AnUnknownModelIsAnsweredWithThoseItMayUse) {
  Parts parts = with_large();
  for (int i = 10; i < 40; ++i) {
    parts.network.models.emplace_back().name = fmt::format("m{}", i);
    deploy(parts, fmt::format("m{}", i), "eu-1-a");
  }
  const Fault fault = refusal(parts, {.model = "tiny"});
  EXPECT_EQ(fault.code, Code::model_not_found);
  EXPECT_TRUE(says(fault, "'large', 'm10'")) << fault.message;
  EXPECT_TRUE(says(fault, "and 12 more")) << fault.message;
}

TEST(AllowedZones, AModelThatTheKeyNeverReachesIsNotFound) {
  const Fault fault = refusal(with_large(), {.key = 1, .model = "large"});
  EXPECT_EQ(fault.code, Code::model_not_found);
  EXPECT_TRUE(says(fault, "It can run: 'small'.")) << fault.message;
}

TEST(AllowedZones, AModelThatRulesDenyIsDeniedWithTheirNames) {
  Parts parts = with_large();
  parts.network.rules = {deny_cn("export")};
  parts.network.rules[0].weights = {{"export-class", "restricted"}};
  const Fault fault = refusal(parts, {.model = "large"});
  EXPECT_EQ(fault.code, Code::model_denied);
  EXPECT_TRUE(says(fault, "'export'")) << fault.message;
  EXPECT_EQ(fault.retry, Retry::never);
}

TEST(AllowedZones, RulesAboutDataAloneDenyTheScope) {
  Parts parts = with_large();
  parts.network.rules = {deny_cn("transfer")};
  const Fault fault = refusal(parts, {.model = "large"});
  EXPECT_EQ(fault.code, Code::scope_denied);
  EXPECT_TRUE(says(fault, "'transfer'")) << fault.message;
}

TEST(AllowedZones, NarrowingToNothingNamesTheNarrowing) {
  const Fault fault = refusal(with_large(), {.model = "large", .narrowing = only({"eu", "mars"})});
  EXPECT_EQ(fault.code, Code::scope_denied);
  EXPECT_TRUE(says(fault, "only: 'eu', 'mars'")) << fault.message;
}

TEST(AllowedZones, NarrowingToWhatRulesDenyNamesBoth) {
  Parts parts = small_world();
  parts.network.rules = {deny_cn("transfer")};
  const Fault fault = refusal(parts, {.narrowing = only({"cn"})});
  EXPECT_EQ(fault.code, Code::scope_denied);
  EXPECT_TRUE(says(fault, "only: 'cn'") && says(fault, "'transfer'")) << fault.message;
}

TEST(AllowedZones, TheRequestedScopeIsNamedWhenItLeavesTheModelNothing) {
  const Fault fault = refusal(with_large(), {.scope = "eu", .model = "large"});
  EXPECT_EQ(fault.code, Code::scope_denied);
  EXPECT_TRUE(says(fault, "portolan-scope: 'eu'")) << fault.message;
}

TEST(AllowedZones, AnUnknownNameInIgnoreDeniesEverything) {
  const Fault fault =
      refusal(small_world(), {.narrowing = {.scope = "", .only = {}, .ignore = {"mars"}}});
  EXPECT_EQ(fault.code, Code::scope_denied);
  EXPECT_TRUE(says(fault, "'mars'"));
}

TEST(AllowedZones, AnUnknownScopeInTheBodyIsRefusedByName) {
  const Fault fault =
      refusal(small_world(), {.narrowing = {.scope = "mars", .only = {}, .ignore = {}}});
  EXPECT_EQ(fault.code, Code::unknown_scope);
}

TEST(AllowedZones, ABodyThatExcludesItsEntryIsRefused) {
  for (const auto& narrowing :
       {only({"cn"}), model::Narrowing{.scope = "cn", .only = {}, .ignore = {}},
        model::Narrowing{.scope = "", .only = {}, .ignore = {"eu"}}}) {
    const Fault fault = refusal(small_world(), {.narrowing = narrowing});
    EXPECT_EQ(fault.code, Code::wrong_region);
    EXPECT_TRUE(says(fault, "https://cn.example")) << fault.message;
    EXPECT_FALSE(says(fault, "https://eu-1.example")) << fault.message;
  }
}

TEST(AllowedZones, AnotherZoneOfTheEntrysRegionIsNoOtherRegion) {
  EXPECT_EQ(zones(small_world(), {.narrowing = only({"eu-1-b"})}), "eu-1-b");
}

TEST(AllowedZones, ABodyMayExcludeAnEntryThatMayStandAnywhere) {
  Parts parts = small_world();
  parts.network.scopes[0].entry = model::Entry::anywhere;
  EXPECT_EQ(zones(parts, {.narrowing = only({"cn"})}), "cn-a cn-b");
}

TEST(AllowedZones, WhatIsOnlyDrainedIsExhaustedForNow) {
  Parts parts = small_world();
  parts.restrictions.drained = {"cn"};
  parts.network.deployments.clear();
  deploy(parts, "small", "cn-a");
  const Fault fault = refusal(parts, {});
  EXPECT_EQ(fault.code, Code::scope_exhausted);
  EXPECT_EQ(fault.retry, Retry::later);
  parts.restrictions = {.version = {}, .revoked_keys = {}, .drained = {}, .denied = {"cn"}};
  EXPECT_EQ(refusal(parts, {}).code, Code::scope_denied);
}

TEST(AllowedZones, ARuleAboutDataThatBeginsMeanwhileTurnsTheEntryAway) {
  Parts parts = small_world();
  parts.network.rules = {deny_cn("transfer")};
  parts.network.rules[0].from = now;
  const auto view = parts.view();
  const auto caller = *authenticate(view, numbered_key(2).text, now);
  const auto grant = may_enter(view, caller, zone_of(view, "cn-a"), "", now - Duration{1});
  ASSERT_TRUE(grant.has_value());
  model::RequestFacts facts;
  facts.model = "small";
  EXPECT_TRUE(allowed_zones(view, caller, *grant, facts, now - Duration{1}).has_value());
  EXPECT_EQ(allowed_zones(view, caller, *grant, facts, now).error().code, Code::wrong_region);
}

TEST(AllowedZones, AKeyNarrowedSinceItEnteredIsNarrowed) {
  const auto view = small_world().view();
  Caller caller = *authenticate(view, numbered_key(2).text, now);
  const auto grant = *may_enter(view, caller, zone_of(view, "eu-1-a"), "", now);
  model::RequestFacts facts;
  facts.model = "small";
  caller.key_scopes = {"eu"};
  const auto allowed = allowed_zones(view, caller, grant, facts, now);
  ASSERT_TRUE(allowed.has_value());
  EXPECT_EQ(names_of(view, allowed->zones), "eu-1-a eu-1-b");
  caller.key_scopes = {"later"};
  EXPECT_EQ(allowed_zones(view, caller, grant, facts, now).error().code, Code::world_skew);
}

TEST(AllowedZones, AGrantOfAnotherWorldIsSkew) {
  const auto first = small_world().view();
  const auto caller = *authenticate(first, numbered_key(2).text, now);
  const auto grant = *may_enter(first, caller, ZoneIndex{0}, "", now);
  const auto second = small_world().view();
  EXPECT_EQ(allowed_zones(second, caller, grant, {}, now).error().code, Code::world_skew);
  EXPECT_EQ(allowed_zones({}, caller, grant, {}, now).error().code, Code::no_world);
}

TEST(AllowedZones, AModelThatIsNotInTheEntrysRegionIsForwarded) {
  EXPECT_EQ(zones(with_large(), {.here = "eu-1-a", .model = "large"}), "cn-a");
}

TEST(AllowedZones, AreTheIntersectionOfAll) {
  Parts parts = small_world();
  EXPECT_EQ(zones(parts, {}), "cn-a cn-b eu-1-a eu-1-b sg-a sg-b");
  EXPECT_EQ(zones(parts, {.key = 1}), "eu-1-a eu-1-b");
  parts.network.rules = {deny_cn("transfer")};
  parts.restrictions.drained = {"sg-b"};
  EXPECT_EQ(zones(parts, {}), "eu-1-a eu-1-b sg-a");
  EXPECT_EQ(zones(parts, {.narrowing = {.scope = "", .only = {}, .ignore = {"sg"}}}),
            "eu-1-a eu-1-b");
}

TEST(HopFacts, CarryNamesAlone) {
  Parts parts = small_world();
  parts.content.workspaces[1].labels = {{"data-class", "public"}};
  parts.content.keys[1].scopes = {"eu"};
  const auto view = parts.view();
  const auto caller = *authenticate(view, numbered_key(2).text, now);
  const auto grant = *may_enter(view, caller, zone_of(view, "eu-1-a"), "global", now);
  model::RequestFacts facts;
  facts.model = "small";
  facts.narrowing = {.scope = "eu", .only = {"eu-1"}, .ignore = {"cn"}};
  const model::HopFacts expected{.workspace = "global",
                                 .key_id = numbered_key(2).credential.id,
                                 .workspace_scopes = {"global"},
                                 .key_scopes = {"eu"},
                                 .requested_scopes = {"global", "eu"},
                                 .labels = {{"data-class", "public"}},
                                 .only = {"eu-1"},
                                 .ignore = {"cn"},
                                 .model = "small"};
  EXPECT_EQ(hop_facts(view, caller, grant, facts), expected);
}

#ifdef PORTOLAN_TEST_SEAMS
TEST(AllowedZones, WithTheEntrysMaskOffOnlyPlacementCounts) {
  test_seams.skip_entry_mask = true;
  const auto answer = ask(small_world(), {.key = 1});
  test_seams.skip_entry_mask = false;
  EXPECT_EQ(answer.zones->zones.size(), 6u);
}
#endif

}  // namespace
}  // namespace portolan::policy
