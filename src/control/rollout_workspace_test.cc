#include <algorithm>

#include "control/rollout_stage_test_support.h"

// A workspace that is to be computed in more places goes out with a World, zone by zone.
namespace portolan::control {
namespace {

using namespace testing;

using Gateways = std::deque<PollingGateway>;
using Names = std::vector<std::string>;

struct RolloutWorkspaceTest : RolloutStage {};

std::string workspace_text(const std::string& spec) {
  return "apiVersion: portolan/v1\nkind: Workspace\nmetadata: {name: eu, org: demo}\nspec: {" +
         spec + "}\n";
}

const std::string widened = scope_text("sg", "sg-1") + "---\n" + workspace_text("scopes: [eu, sg]");

// The scopes that each gateway knows the workspace by.
std::vector<Names> scopes_at(const Gateways& gateways) {
  std::vector<Names> scopes;
  for (const auto& gateway : gateways) {
    const auto found = gateway.workspaces.find("eu");
    scopes.push_back(found == gateway.workspaces.end() ? Names{} : found->second.scopes);
  }
  return scopes;
}

const Names narrow = {"eu"};
const Names wide = {"eu", "sg"};

TEST_F(RolloutWorkspaceTest, AWidenedWorkspaceGoesFromZoneToZoneAndKeysDoNotWait) {
  act([](Stage& stage, Gateways& gateways) -> Task<void> {
    EXPECT_EQ(scopes_at(gateways), std::vector<Names>({narrow, narrow, narrow, narrow}));
    const auto applied = co_await apply(stage, widened);
    EXPECT_TRUE(applied.problems.empty());
    co_await wait_for_steps(stage, 1);
    co_await wait(stage, 3);
    EXPECT_EQ(scopes_at(gateways), std::vector<Names>({wide, narrow, narrow, narrow}));
    const KeyWish wish{"eu", {}, {}};
    const auto key = co_await stage.control->create_key(wish);
    EXPECT_TRUE(key);
    co_await wait(stage, 3);
    for (const auto& gateway : gateways) EXPECT_EQ(gateway.keys.size(), 1u) << gateway.id;
    EXPECT_EQ(scopes_at(gateways), std::vector<Names>({wide, narrow, narrow, narrow}));
    co_await wait_for_steps(stage, 2);
    co_await wait(stage, 3);
    EXPECT_EQ(scopes_at(gateways), std::vector<Names>({wide, wide, narrow, narrow}));
    co_await wait_for_steps(stage, 99);
    EXPECT_EQ(phase_of(stage), "done");
    co_await wait(stage, 3);
    EXPECT_EQ(scopes_at(gateways), std::vector<Names>({wide, wide, wide, wide}));
  });
}

TEST_F(RolloutWorkspaceTest, LabelsGoOutSoThoughNoResourceOfTheWorldChanges) {
  act([](Stage& stage, Gateways& gateways) -> Task<void> {
    const auto hash = stage.control->state().numbers.world_hash;
    co_await apply(stage, workspace_text("scopes: [eu], labels: {data-class: public}"));
    EXPECT_EQ(phase_of(stage), "running");
    EXPECT_EQ(stage.control->state().numbers.world, 2u);
    EXPECT_EQ(stage.control->state().numbers.world_hash, hash);
    co_await wait_for_steps(stage, 1);
    co_await wait(stage, 3);
    EXPECT_EQ(gateways[0].workspaces.at("eu").labels.size(), 1u);
    EXPECT_TRUE(gateways[1].workspaces.at("eu").labels.empty());
    co_await wait_for_steps(stage, 99);
    EXPECT_EQ(phase_of(stage), "done");
    co_await wait(stage, 3);
    for (const auto& gateway : gateways) {
      EXPECT_EQ(gateway.workspaces.at("eu").labels.size(), 1u) << gateway.id;
    }
  });
}

TEST_F(RolloutWorkspaceTest, WhatDoesHarmIsNarrowAgainEverywhere) {
  act([](Stage& stage, Gateways& gateways) -> Task<void> {
    gateways[0].by_world[2].error_share = 0.5;
    co_await apply(stage, widened);
    while (phase_of(stage) == "running") co_await wait(stage, 1);
    EXPECT_EQ(phase_of(stage), "gone-back");
    co_await wait(stage, 3);
    EXPECT_EQ(scopes_at(gateways), std::vector<Names>({narrow, narrow, narrow, narrow}));
    EXPECT_EQ(stage.control->state().contents->workspaces.front().scopes, narrow);
    EXPECT_FALSE(world::find(*stage.control->state().contents, world::Kind::scope, "sg"));
    EXPECT_EQ(gateways[0].worlds_taken, std::vector<std::uint64_t>({1, 2, 3}));
  });
}

TEST_F(RolloutWorkspaceTest, WhoComesWithNothingBeforeItsTurnGetsItAsItWas) {
  act([](Stage& stage, Gateways& gateways) -> Task<void> {
    co_await apply(stage, widened);
    co_await wait_for_steps(stage, 1);
    co_await wait(stage, 3);
    for (auto* gateway : {&gateways[0], &gateways[3]}) {
      gateway->keyring.reset();
      gateway->workspaces.clear();
    }
    co_await wait(stage, 5);
    EXPECT_EQ(scopes_at(gateways), std::vector<Names>({wide, narrow, narrow, narrow}));
    co_await wait_for_steps(stage, 99);
    co_await wait(stage, 3);
    EXPECT_EQ(scopes_at(gateways), std::vector<Names>({wide, wide, wide, wide}));
  });
}

TEST_F(RolloutWorkspaceTest, AnotherProcessHoldsItBackAsWell) {
  act([](Stage& stage, Gateways& gateways) -> Task<void> {
    co_await apply(stage, widened);
    co_await wait_for_steps(stage, 1);
    co_await wait(stage, 3);
    auto options = paced();
    auto second = co_await Control::open(stage.shard, *stage.store, std::move(options));
    const auto& ours = stage.control->documents();
    EXPECT_FALSE(ours.former_deltas.empty());
    EXPECT_EQ((*second)->documents().former_deltas.size(), ours.former_deltas.size());
    for (const auto& [number, sealed] : ours.former_deltas) {
      EXPECT_EQ(*(*second)->documents().former_deltas.at(number), *sealed);
    }
  });
}

TEST_F(RolloutWorkspaceTest, NarrowingAndLimitsDoNotWaitAndThereIsNoThirdOnTheWay) {
  act([](Stage& stage, Gateways& gateways) -> Task<void> {
    co_await apply(stage, workspace_text("scopes: [eu], limits: {rpm: 7}"));
    EXPECT_EQ(phase_of(stage), "none");
    co_await wait(stage, 3);
    EXPECT_EQ(gateways[3].workspaces.at("eu").limits.rpm, 7u);
    co_await apply(stage, widened);
    co_await wait_for_steps(stage, 1);
    ApplyRequest third{.source = "third", .text = workspace_text("scopes: [eu]")};
    const auto refused = co_await stage.control->apply(third);
    EXPECT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::resource_conflict);
    EXPECT_NE(refused.error().message.find("rollout rollback"), std::string::npos);
    const auto back = co_await stage.control->change_rollout(RolloutWish::roll_back);
    EXPECT_TRUE(back);
    co_await wait(stage, 3);
    EXPECT_EQ(scopes_at(gateways), std::vector<Names>({narrow, narrow, narrow, narrow}));
  });
}

}  // namespace
}  // namespace portolan::control
