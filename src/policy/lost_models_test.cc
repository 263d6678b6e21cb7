#include "policy/lost_models.h"

#include <gtest/gtest.h>

#include "policy/standing_test.h"

namespace portolan::policy {
namespace {

constexpr WallTime now = WallTime::from_unix_seconds(1'767'225'600);         // 2026-01-01
constexpr WallTime in_a_month = WallTime::from_unix_seconds(1'769'904'000);  // 2026-02-01
using Sentences = std::vector<std::string>;

Sentences lost(const Parts& before, const Parts& after) {
  const model::View old = before.view();
  const model::View fresh = after.view();
  return lost_models(standing_of(old, before), standing_of(fresh, after), now);
}

Parts with_cn() {
  Parts parts = small_world();
  parts.content.workspaces.push_back(workspace("cn", {"cn"}));
  return parts;
}

// All data stays in Germany.
model::Rule all_in_germany(WallTime from) {
  model::Rule rule;
  rule.name = "all-in-germany";
  rule.kind = model::Rule::Kind::require;
  rule.places.country = {"DE"};
  rule.from = from;
  return rule;
}

TEST(LostModels, ARuleThatLeavesAWorkspaceNothingIsFound) {
  const Parts before = with_cn();
  Parts after = before;
  after.network.rules.push_back(all_in_germany(WallTime{0}));
  EXPECT_EQ(lost(before, after), Sentences{"Zones in which workspace 'cn' may run model 'small': "
                                           "none instead of 2."});
  EXPECT_EQ(lost(after, after), Sentences{}) << "it was so before";
  EXPECT_EQ(lost(after, before), Sentences{});
}

TEST(LostModels, OneOfADateToComeIsFoundToday) {
  const Parts before = with_cn();
  Parts after = before;
  after.network.rules.push_back(all_in_germany(in_a_month));
  EXPECT_EQ(lost(before, after), Sentences{"Zones in which workspace 'cn' may run model 'small': "
                                           "none instead of 2 from 2026-02-01 on."});
}

TEST(LostModels, ModelsAreCountedAndNotRepeated) {
  Parts before = with_cn();
  auto second = before.network.models[0];
  second.name = "second";
  before.network.models.push_back(second);
  const auto deployments = before.network.deployments;
  for (auto deployment : deployments) {
    deployment.name = "second." + deployment.zone;
    deployment.model = "second";
    before.network.deployments.push_back(deployment);
  }
  Parts after = before;
  after.network.rules.push_back(all_in_germany(WallTime{0}));
  EXPECT_EQ(lost(before, after), Sentences{"Zones in which workspace 'cn' may run model 'second' "
                                           "(and 1 more): none instead of 2."});
}

TEST(LostModels, OneWorkspaceStandsForAllOfItsKind) {
  Parts before = with_cn();
  before.content.workspaces.push_back(workspace("cn-too", {"cn"}));
  Parts after = before;
  after.network.rules.push_back(all_in_germany(WallTime{0}));
  EXPECT_EQ(lost(before, after).size(), 1);
}

TEST(LostModels, DeploymentsThatLeaveAScopeAreFound) {
  const Parts before = with_cn();
  Parts after = before;
  std::erase_if(after.network.deployments,
                [](const auto& each) { return each.zone.starts_with("cn"); });
  EXPECT_EQ(lost(before, after).size(), 1);
  after.network.deployments.clear();
  EXPECT_EQ(lost(before, after), Sentences{}) << "that is another empty set";
}

TEST(LostModels, AWorkspaceThatIsNewOrGoneLosesNothing) {
  const Parts before = with_cn();
  Parts after = before;
  after.network.rules.push_back(all_in_germany(WallTime{0}));
  std::erase_if(after.content.workspaces, [](const auto& each) { return each.name == "cn"; });
  EXPECT_EQ(lost(before, after), Sentences{});
}

}  // namespace
}  // namespace portolan::policy
