#include "policy/may_execute.h"

#include <gtest/gtest.h>

#include "policy/small_world_test.h"
#include "policy/test_seams.h"

namespace portolan::policy {
namespace {

constexpr WallTime now{1'000};

// What an entry tells of a request of workspace `global`.
model::HopFacts told() {
  return {.workspace = "global",
          .key_id = numbered_key(2).credential.id,
          .workspace_scopes = {"global"},
          .key_scopes = {},
          .requested_scopes = {},
          .labels = {},
          .only = {},
          .ignore = {},
          .model = "small"};
}

Result<ModelIndex> execute(const Parts& parts, const model::HopFacts& facts,
                           const std::string& here = "cn-a") {
  const auto view = parts.view();
  return may_execute(view, facts, zone_of(view, here), now);
}

// Refused for the executor's own reason, before anything was done.
void expect_skew(const Result<ModelIndex>& verdict, std::string_view words) {
  ASSERT_FALSE(verdict.has_value()) << words;
  EXPECT_EQ(verdict.error().code, Code::world_skew);
  EXPECT_EQ(verdict.error().retry, Retry::elsewhere);
  EXPECT_NE(verdict.error().message.find(words), std::string::npos) << verdict.error().message;
}

TEST(MayExecute, EveryNameItDoesNotKnowDenies) {
  using Change = void (*)(model::HopFacts&);
  const Change changes[] = {
      [](model::HopFacts& f) { f.workspace = "later"; },
      [](model::HopFacts& f) { f.key_id = "later"; },
      [](model::HopFacts& f) { f.key_id.clear(); },
      [](model::HopFacts& f) { f.workspace_scopes = {"global", "later"}; },
      [](model::HopFacts& f) { f.workspace_scopes.clear(); },
      [](model::HopFacts& f) { f.key_scopes = {"later"}; },
      [](model::HopFacts& f) { f.requested_scopes = {"later"}; },
      [](model::HopFacts& f) { f.only = {"later"}; },
      [](model::HopFacts& f) { f.ignore = {"later"}; },
      [](model::HopFacts& f) { f.model = "later"; },
      [](model::HopFacts& f) { f.model.clear(); },
  };
  ASSERT_TRUE(execute(small_world(), told()).has_value());
  for (const Change change : changes) {
    model::HopFacts facts = told();
    change(facts);
    expect_skew(execute(small_world(), facts), "");
  }
}

TEST(MayExecute, WhatTheEntryNarrowedBinds) {
  model::HopFacts facts = told();
  facts.workspace_scopes = {"eu"};
  expect_skew(execute(small_world(), facts), "scopes");
  facts = told();
  facts.key_scopes = {"eu"};
  expect_skew(execute(small_world(), facts), "scopes");
  facts = told();
  facts.requested_scopes = {"global", "eu"};
  expect_skew(execute(small_world(), facts), "scopes");
  facts = told();
  facts.ignore = {"cn"};
  expect_skew(execute(small_world(), facts), "narrowing");
}

TEST(MayExecute, ItsOwnNarrowerKeyringBindsWhateverIsTold) {
  Parts parts = small_world();
  parts.content.workspaces[1].scopes = {"eu"};
  expect_skew(execute(parts, told()), "scopes");
  EXPECT_TRUE(execute(parts, told(), "eu-1-a").has_value());
  parts = small_world();
  parts.content.keys[1].scopes = {"eu"};
  expect_skew(execute(parts, told()), "scopes");
}

TEST(MayExecute, AKeyThatIsRevokedExpiredOrAnothersHereDenies) {
  Parts revoked = small_world();
  revoked.restrictions.revoked_keys = {told().key_id};
  expect_skew(execute(revoked, told()), "revoked");
  Parts expired = small_world();
  expired.content.keys[1].expires = now;
  expect_skew(execute(expired, told()), "expired");
  model::HopFacts facts = told();
  facts.workspace = "eu";
  expect_skew(execute(small_world(), facts, "eu-1-a"), "key");
}

TEST(MayExecute, RulesBindForTheLabelsToldAndForThoseKnown) {
  Parts parts = small_world();
  model::Rule rule;
  rule.name = "residency";
  rule.data = {{"data-class", "personal"}};
  rule.places.country = {"CN"};
  parts.network.rules = {rule};
  parts.content.workspaces[1].labels = {{"data-class", "public"}};
  model::HopFacts facts = told();
  facts.labels = {{"data-class", "public"}};
  EXPECT_TRUE(execute(parts, facts).has_value());
  facts.labels = {{"data-class", "personal"}};
  expect_skew(execute(parts, facts), "rule");
  facts.labels = {{"data-class", "public"}};
  parts.content.workspaces[1].labels = {{"data-class", "personal"}};
  expect_skew(execute(parts, facts), "rule");
}

TEST(MayExecute, ARestrictedZoneOrOneWithoutTheModelDenies) {
  Parts drained = small_world();
  drained.restrictions.drained = {"cn"};
  expect_skew(execute(drained, told()), "restriction");
  Parts elsewhere = small_world();
  elsewhere.network.deployments.clear();
  expect_skew(execute(elsewhere, told()), "deployed");
}

TEST(MayExecute, WithoutAWorldItSaysSo) {
  const auto verdict = may_execute({}, told(), ZoneIndex{0}, now);
  EXPECT_EQ(verdict.error().code, Code::no_world);
  EXPECT_EQ(verdict.error().retry, Retry::elsewhere);
}

TEST(MayExecute, WhereTheEntryStandsIsNotItsQuestion) {
  model::HopFacts facts = told();
  facts.only = {"cn-a"};
  EXPECT_TRUE(execute(small_world(), facts).has_value());
}

#ifdef PORTOLAN_TEST_SEAMS
TEST(MayExecute, WithItsMaskOffOnlyPlacementCounts) {
  model::HopFacts facts = told();
  facts.workspace_scopes = {"eu"};
  test_seams.skip_executor_mask = true;
  EXPECT_TRUE(execute(small_world(), facts).has_value());
  test_seams.skip_executor_mask = false;
}
#endif

}  // namespace
}  // namespace portolan::policy
