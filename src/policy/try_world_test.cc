#include "policy/try_world.h"

#include <gtest/gtest.h>

#include "policy/small_world_test.h"

namespace portolan::policy {
namespace {

constexpr WallTime now{0};
constexpr std::size_t decisions_min = 20;

Decided decided_in(std::string zone, std::string workspace = "global") {
  Decided decided;
  decided.caller.key_id = numbered_key(workspace == "eu" ? 1 : 2).credential.id;
  decided.caller.workspace_name = std::move(workspace);
  decided.facts.model = "small";
  decided.zone = std::move(zone);
  return decided;
}

WorldTrial try_change(const std::vector<Decided>& decided, const Parts& after,
                      const Parts& before = small_world()) {
  return try_world(decided, before.view(), after.view(), "eu-1-a", now);
}

Parts without_deployments() {
  Parts parts = small_world();
  parts.network.deployments.clear();
  return parts;
}

TEST(TryWorld, AModelThatIsGoneEverywhereIsAMistake) {
  const std::vector<Decided> decided(decisions_min, decided_in("eu-1-a"));
  const auto trial = try_change(decided, without_deployments());
  EXPECT_EQ(trial.refused_count(), decided.size());
  const auto accepted = accept_trial(trial, decisions_min);
  ASSERT_FALSE(accepted);
  EXPECT_EQ(accepted.error().code, Code::invalid_resource);
  EXPECT_NE(accepted.error().message.find("The last 20 requests"), std::string::npos);
}

TEST(TryWorld, FewDecisionsProveNothing) {
  const std::vector<Decided> decided(decisions_min - 1, decided_in("eu-1-a"));
  EXPECT_TRUE(accept_trial(try_change(decided, without_deployments()), decisions_min));
  EXPECT_TRUE(accept_trial(try_change({}, without_deployments()), 0));
}

TEST(TryWorld, OneThatGoesOnIsEnoughToTakeIt) {
  Parts before = small_world();
  before.network.models.push_back(before.network.models[0]);
  before.network.models[1].name = "large";
  deploy(before, "large", "sg-a");
  Parts after = before;
  std::erase_if(after.network.deployments,
                [](const auto& deployment) { return deployment.model == "small"; });
  std::vector<Decided> decided(999, decided_in("cn-a"));
  decided.push_back(decided_in("sg-a"));
  decided.back().facts.model = "large";
  const auto trial = try_change(decided, after, before);
  EXPECT_EQ(trial.decisions, 1000u);
  EXPECT_EQ(trial.refused_count(), 999u);
  EXPECT_TRUE(accept_trial(trial, decisions_min));
}

// A rule, a scope, a zone that is gone: each may be meant, and takes permission away.
TEST(TryWorld, WhatTakesPermissionAwayIsTaken) {
  const std::vector<Decided> decided(50, decided_in("eu-1-a", "eu"));
  Parts by_rule = small_world();
  model::Rule rule;
  rule.name = "nothing-in-the-eu";
  rule.places.group = {"eu"};
  by_rule.network.rules.push_back(rule);
  Parts by_scope = small_world();
  by_scope.network.scopes[1].include = {"cn"};
  Parts by_scope_gone = small_world();
  std::erase_if(by_scope_gone.network.scopes, [](const auto& scope) { return scope.name == "eu"; });
  Parts where_it_does_not_run = small_world();
  where_it_does_not_run.network.scopes[1].include = {"cn"};
  std::erase_if(where_it_does_not_run.network.deployments,
                [](const auto& deployment) { return deployment.zone.starts_with("cn"); });
  Parts by_zone = small_world();
  std::erase_if(by_zone.network.zones, [](const auto& zone) { return zone.name == "eu-1-a"; });
  std::erase_if(by_zone.network.deployments,
                [](const auto& deployment) { return deployment.zone == "eu-1-a"; });
  for (const Parts& after : {by_rule, by_scope, by_scope_gone, where_it_does_not_run, by_zone}) {
    const auto trial = try_change(decided, after);
    EXPECT_EQ(trial.refused_count(), 50u);
    EXPECT_TRUE(accept_trial(trial, decisions_min)) << name_of(trial.refused.begin()->first);
  }
}

TEST(TryWorld, CountsWhatGoesElsewhere) {
  std::vector<Decided> decided(3, decided_in("eu-1-a"));
  decided.push_back(decided_in("sg-a"));
  Parts after = small_world();
  std::erase_if(after.network.deployments,
                [](const auto& deployment) { return deployment.zone == "eu-1-a"; });
  const auto trial = try_change(decided, after);
  EXPECT_EQ(trial.decisions, 4u);
  EXPECT_EQ(trial.elsewhere, 3u);
  EXPECT_EQ(trial.refused_count(), 0u);
}

TEST(TryWorld, WhatIsRefusedAlreadyIsNoDifference) {
  Parts before = small_world();
  before.restrictions.denied = {"eu-1"};
  const std::vector<Decided> decided(30, decided_in("eu-1-a", "eu"));
  Parts after = without_deployments();
  after.restrictions = before.restrictions;
  EXPECT_EQ(try_change(decided, after, before), WorldTrial{});
}

}  // namespace
}  // namespace portolan::policy
