#include "policy/loosened_rules.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "policy/random_world_test.h"

namespace portolan::policy {
namespace {

constexpr WallTime now = WallTime::from_unix_seconds(1'767'225'600);  // 2026-01-01

std::vector<std::string> loosened(const Parts& before, const Parts& after, WallTime date = now) {
  const model::View old = before.view();
  const model::View fresh = after.view();
  return loosened_rules({*old.world, before.content.orgs, before.content.workspaces},
                        {*fresh.world, after.content.orgs, after.content.workspaces}, date);
}

model::Rule export_rule() {
  model::Rule rule;
  rule.name = "export";
  rule.weights = {{"export-class", "restricted"}};
  rule.places.country = {"CN"};
  return rule;
}

Parts ruled_world() {
  Parts parts = small_world();
  parts.network.models[0].labels = {{"export-class", "restricted"}};
  parts.network.rules = {export_rule()};
  return parts;
}

TEST(LoosenedRules, AreNoneWhereNothingOrMoreIsDenied) {
  const Parts before = ruled_world();
  EXPECT_TRUE(loosened(before, before).empty());
  Parts after = before;
  after.network.rules[0].places.country = {"CN", "SG"};
  EXPECT_TRUE(loosened(before, after).empty());
  EXPECT_EQ(loosened(after, before).size(), 1u);
}

TEST(LoosenedRules, NameRuleSubjectAndZone) {
  const Parts before = ruled_world();
  Parts after = before;
  after.network.rules.clear();
  EXPECT_EQ(loosened(before, after),
            std::vector<std::string>{"Rule 'export' keeps model 'small' for workspace 'eu' out of "
                                     "zone 'cn-a', and would not any more."});
}

TEST(LoosenedRules, AreFoundByTheLabelsThatTheyRead) {
  Parts before = ruled_world();
  before.network.scopes.erase(before.network.scopes.begin() + 2);  // of a country
  Parts unlabelled = before;
  unlabelled.network.models[0].labels = {{"export-class", "free"}};
  EXPECT_EQ(loosened(before, unlabelled).size(), 1u);
  Parts moved = before;
  moved.network.regions[0].country = "HK";
  EXPECT_EQ(loosened(before, moved).size(), 1u);
  // Without a label it is the worst case, and nothing is looser.
  Parts forgotten = before;
  forgotten.network.models[0].labels = {};
  EXPECT_TRUE(loosened(before, forgotten).empty());
}

TEST(LoosenedRules, AreFoundAtDatesToCome) {
  Parts before = ruled_world();
  before.network.rules[0].from = WallTime::from_unix_seconds(1'798'761'600);  // 2027-01-01
  Parts after = before;
  after.network.rules[0].from = WallTime::from_unix_seconds(1'814'400'000);  // 2027-07-01
  EXPECT_EQ(loosened(before, after),
            std::vector<std::string>{"Rule 'export' keeps model 'small' for workspace 'eu' out of "
                                     "zone 'cn-a', and would not any more from 2027-01-01 on."});
  EXPECT_TRUE(loosened(after, before).empty());
  // What is over does not matter.
  EXPECT_TRUE(loosened(before, after, WallTime::from_unix_seconds(1'830'000'000)).empty());
}

TEST(LoosenedRules, MayBeWrittenAnew) {
  const Parts before = ruled_world();
  Parts after = before;
  after.network.rules[0].name = "another";
  after.network.rules[0].places = {};
  after.network.rules[0].places.region = {"cn"};
  EXPECT_TRUE(loosened(before, after).empty());
}

// The zones that a rule keeps a subject out of, found with no code of policy's.
bool has(const model::Labels& asked, const model::Labels& held) {
  return std::ranges::all_of(asked, [&](const auto& label) {
    const auto found = held.find(label.first);
    return found == held.end() || found->second == label.second;
  });
}

TEST(LoosenedRules, AreFoundWhereADenialGoesAndNowhereElse) {
  double gone = 0;
  double kept = 0;
  EXPECT_TRUE(rc::check([&] {
    const RandomCase c = random_case(*rc::gen::arbitrary<std::uint64_t>());
    if (c.parts.network.rules.empty()) return;
    Parts after = c.parts;
    after.network.rules.erase(after.network.rules.begin());
    const model::Rule& rule = c.parts.network.rules.front();
    const bool in_force = rule.from <= c.now && rule.until > c.now;
    bool binds = false;
    for (const model::Workspace& workspace : c.parts.content.workspaces) {
      if (!in_force || !has(rule.data, workspace.labels)) continue;
      binds = binds || rule.weights.empty();
      for (const model::Model& model : c.parts.network.models) {
        binds = binds || has(rule.weights, model.labels);
      }
    }
    const auto sentences = loosened(c.parts, after, c.now);
    const bool later = rule.from > c.now || (rule.until != WallTime{INT64_MAX} && in_force);
    if (!binds && !later) RC_ASSERT(sentences.empty());
    for (const std::string& sentence : sentences) {
      RC_ASSERT(sentence.starts_with("Rule '" + rule.name + "'"));
    }
    (sentences.empty() ? kept : gone) += 1;
  }));
  EXPECT_GT(gone, 5) << kept;
}

}  // namespace
}  // namespace portolan::policy
