#include "policy/may_enter.h"

#include <gtest/gtest.h>

#include "policy/small_world_test.h"

namespace portolan::policy {
namespace {

constexpr WallTime now{1'000};

struct Ask {
  unsigned char key = 1;  // 1: workspace eu, 2: workspace global
  std::string here = "eu-1-a";
  std::string scope = "";
};

Result<EntryGrant> enter(const Parts& parts, const Ask& ask) {
  static model::View view;  // a grant points at its World
  view = parts.view();
  const auto caller = authenticate(view, numbered_key(ask.key).text, now);
  check(caller.has_value(), "a key of the small world");
  return may_enter(view, *caller, zone_of(view, ask.here), ask.scope, now);
}

Fault refusal(const Parts& parts, const Ask& ask) {
  auto grant = enter(parts, ask);
  check(!grant.has_value(), "expected a refusal");
  return std::move(grant).error();
}

bool ends_with(const std::string& text, std::string_view end) { return text.ends_with(end); }

model::Rule residency() {
  model::Rule rule;
  rule.name = "residency";
  rule.kind = model::Rule::Kind::require;
  rule.data = {{"data-class", "personal"}};
  rule.places.group = {"eu"};
  return rule;
}

TEST(MayEnter, OutsideTheScopeIsRefusedWithTheFrontDoorsThatWouldDo) {
  const Fault fault = refusal(small_world(), {.here = "cn-a"});
  EXPECT_EQ(fault.code, Code::wrong_region);
  EXPECT_EQ(fault.retry, Retry::never);
  EXPECT_TRUE(ends_with(fault.message, "https://eu-1.example")) << fault.message;
  EXPECT_EQ(fault.message.find("https://cn"), std::string::npos);
}

TEST(MayEnter, TheRequestedScopeMustHoldTheEntryToo) {
  const Fault fault = refusal(small_world(), {.key = 2, .here = "eu-1-a", .scope = "cn"});
  EXPECT_EQ(fault.code, Code::wrong_region);
  EXPECT_TRUE(ends_with(fault.message, "https://cn.example")) << fault.message;
}

TEST(MayEnter, AnUnknownRequestedScopeIsRefusedByName) {
  const Fault fault = refusal(small_world(), {.key = 2, .scope = "mars"});
  EXPECT_EQ(fault.code, Code::unknown_scope);
  EXPECT_NE(fault.message.find("'mars'"), std::string::npos);
}

TEST(MayEnter, ARequestedScopeThatSharesNoZoneIsDeniedEverywhere) {
  EXPECT_EQ(refusal(small_world(), {.scope = "cn"}).code, Code::scope_denied);
}

TEST(MayEnter, AKeysScopesNarrowItsWorkspaces) {
  Parts parts = small_world();
  parts.content.keys[1].scopes = {"cn"};
  EXPECT_EQ(refusal(parts, {.key = 2, .here = "sg-a"}).code, Code::wrong_region);
  EXPECT_TRUE(enter(parts, {.key = 2, .here = "cn-a"}).has_value());
  parts.content.keys[0].scopes = {"cn"};
  EXPECT_EQ(refusal(parts, {.key = 1}).code, Code::scope_denied);
}

TEST(MayEnter, WhatTheKeyringNamesAndTheWorldDoesNotKnowIsSkew) {
  Parts workspace_ahead = small_world();
  workspace_ahead.content.workspaces[0].scopes.emplace_back("later");
  EXPECT_EQ(refusal(workspace_ahead, {}).code, Code::world_skew);
  EXPECT_TRUE(enter(workspace_ahead, {.key = 2}).has_value());
  Parts key_ahead = small_world();
  key_ahead.content.keys[0].scopes = {"later"};
  EXPECT_EQ(refusal(key_ahead, {}).code, Code::world_skew);
}

TEST(MayEnter, ARestrictedZoneTakesNothingNew) {
  for (const std::string name : {"eu-1-a", "eu-1"}) {
    Parts drained = small_world();
    drained.restrictions.drained = {name};
    EXPECT_EQ(refusal(drained, {}).code, Code::draining);
    EXPECT_EQ(refusal(drained, {}).retry, Retry::elsewhere);
    Parts denied = small_world();
    denied.restrictions.denied = {name};
    EXPECT_EQ(refusal(denied, {}).code, Code::draining);
  }
}

TEST(MayEnter, ARuleAboutDataKeepsItsPromptOutOfTheEntryToo) {
  Parts parts = small_world();
  parts.network.rules = {residency()};
  parts.content.workspaces[1].labels = {{"data-class", "personal"}};
  const Fault fault = refusal(parts, {.key = 2, .here = "sg-a"});
  EXPECT_EQ(fault.code, Code::wrong_region);
  EXPECT_NE(fault.message.find("'residency'"), std::string::npos);
  EXPECT_TRUE(ends_with(fault.message, "https://eu-1.example"));
  EXPECT_EQ(refusal(parts, {.key = 2, .here = "cn-a", .scope = "cn"}).code, Code::scope_denied);
  EXPECT_TRUE(enter(parts, {.key = 2, .here = "eu-1-a"}).has_value());
}

TEST(MayEnter, ARuleAboutDataHoldsAlsoForAFrontDoorThatStandsAnywhere) {
  Parts parts = small_world();
  parts.network.rules = {residency()};
  parts.content.workspaces[0].scopes = {"open"};
  EXPECT_EQ(refusal(parts, {.here = "sg-a"}).code, Code::wrong_region);
  parts.content.workspaces[0].labels = {{"data-class", "public"}};
  EXPECT_TRUE(enter(parts, {.here = "sg-a"}).has_value());
}

TEST(MayEnter, ARuleAboutWeightsDoesNotCountAtTheEntry) {
  Parts parts = small_world();
  model::Rule rule = residency();
  rule.weights = {{"export-class", "restricted"}};
  parts.network.rules = {rule};
  EXPECT_TRUE(enter(parts, {.key = 2, .here = "cn-a"}).has_value());
}

TEST(MayEnter, AnywhereLetsTheFrontDoorStandOutsideButNothingRunThere) {
  Parts parts = small_world();
  parts.content.workspaces[0].scopes = {"open"};
  const auto grant = enter(parts, {.here = "cn-a"});
  ASSERT_TRUE(grant.has_value());
  EXPECT_TRUE(grant->anywhere);
  EXPECT_EQ(names_of(parts.view(), grant->zones), "eu-1-a eu-1-b");
  EXPECT_EQ(refusal(parts, {.here = "cn-a", .scope = "eu"}).code, Code::wrong_region);
}

TEST(MayEnter, PlacementDoesNotCountForEntry) {
  Parts parts = small_world();
  parts.network.deployments.clear();
  EXPECT_TRUE(enter(parts, {}).has_value());
}

TEST(MayEnter, TheGrantSaysWhatTheHeadNarrowed) {
  const Parts parts = small_world();
  const auto grant = enter(parts, {.key = 2, .here = "cn-b", .scope = "cn"});
  ASSERT_TRUE(grant.has_value());
  EXPECT_EQ(grant->key_zones.size(), 6u);
  EXPECT_EQ(names_of(parts.view(), grant->zones), "cn-a cn-b");
  EXPECT_EQ(grant->scope, "cn");
  EXPECT_FALSE(grant->anywhere);
}

TEST(MayEnter, WithoutAWorldNothingEnters) {
  EXPECT_EQ(may_enter({}, {}, ZoneIndex{0}, "", now).error().code, Code::no_world);
}

}  // namespace
}  // namespace portolan::policy
