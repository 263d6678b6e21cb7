#include "control/plan_poll.h"

#include <gtest/gtest.h>

namespace portolan::control {
namespace {

using seal::DocumentKind;

// World 5, Keyring 20 with deltas from 11 on, Restrictions 3; epoch 2.
Target target() {
  return {.world = {{"net", 2, 5}, "w5"},
          .keyring = {{"net", 2, 20}, ""},
          .restrictions = {{"net", 2, 3}, ""},
          .first_delta = 11};
}

world::PollRequest holding_all() {
  world::PollRequest request;
  request.world = {{"net", 2, 5}, "w5"};
  request.keyring = {{"net", 2, 20}, "k"};
  request.restrictions = {{"net", 2, 3}, "r"};
  return request;
}

TEST(PlanPoll, SendsNothingTwiceThatWasRefused) {
  auto request = holding_all();
  request.world->version.number = 4;
  request.refused.push_back({DocumentKind::world, {"net", 2, 5}, "w5", "no"});
  const auto plan = plan_poll(target(), request);
  EXPECT_TRUE(plan.empty());
  EXPECT_TRUE(plan.confirmed);
}

TEST(PlanPoll, AfterARestoreOnlyRestrictionsAreSentAndNothingIsConfirmed) {
  auto restored = target();
  restored.held_back = true;
  world::PollRequest nothing;
  PollPlan restrictions_alone;
  restrictions_alone.restrictions = true;
  EXPECT_EQ(plan_poll(restored, nothing), restrictions_alone);
  EXPECT_EQ(plan_poll(restored, holding_all()), PollPlan{});
}

TEST(PlanPoll, WhereNoSnapshotFitsDeltasAloneAreSentAndAllElse) {
  auto large = target();
  large.keyring_fits = false;
  world::PollRequest nothing;
  const auto plan = plan_poll(large, nothing);
  EXPECT_FALSE(plan.keyring);
  EXPECT_FALSE(plan.confirmed);
  EXPECT_TRUE(plan.restrictions && plan.world);
  auto request = holding_all();
  request.keyring->version.number = 18;
  EXPECT_EQ(plan_poll(large, request).first_delta, 19u);
  EXPECT_TRUE(plan_poll(large, request).confirmed);
}

TEST(PlanPoll, SendsANewerOneThanWasRefused) {
  auto request = holding_all();
  request.world->version.number = 4;
  request.refused.push_back({DocumentKind::world, {"net", 2, 5}, "another", "no"});
  EXPECT_TRUE(plan_poll(target(), request).world);
}

TEST(PlanPoll, SendsNothingOlderThanWhatIsHeldAndConfirmsNothing) {
  auto request = holding_all();
  request.keyring->version.number = 21;
  const auto plan = plan_poll(target(), request);
  EXPECT_TRUE(plan.empty());
  EXPECT_FALSE(plan.confirmed);
  request = holding_all();
  request.world->version.epoch = 3;
  EXPECT_FALSE(plan_poll(target(), request).world);
}

TEST(PlanPoll, WhoRefusedADeltaGetsTheSnapshot) {
  auto request = holding_all();
  request.keyring->version.number = 18;
  request.refused.push_back({DocumentKind::keyring_delta, {"net", 2, 19}, "d", "no"});
  const auto plan = plan_poll(target(), request);
  EXPECT_TRUE(plan.keyring);
  EXPECT_FALSE(plan.first_delta);
}

TEST(PlanPoll, ADeltaRefusedLongAgoCountsNoMore) {
  auto request = holding_all();
  request.keyring->version.number = 18;
  request.refused.push_back({DocumentKind::keyring_delta, {"net", 2, 15}, "d", "no"});
  EXPECT_EQ(plan_poll(target(), request).first_delta, 19u);
}

TEST(PlanPoll, WhoRefusedTheKeyringIsNotConfirmed) {
  auto request = holding_all();
  request.keyring.reset();
  request.refused.push_back({DocumentKind::keyring, {"net", 2, 20}, "k20", "it shrinks"});
  const auto plan = plan_poll(target(), request);
  EXPECT_FALSE(plan.keyring);
  EXPECT_FALSE(plan.confirmed);
}

TEST(PlanPoll, ANewGatewayGetsEverything) {
  const PollPlan everything{
      .restrictions = true, .world = true, .keyring = true, .first_delta = {}, .confirmed = true};
  EXPECT_EQ(plan_poll(target(), {}), everything);
}

TEST(PlanPoll, WithoutAWorldThereIsNoneToSend) {
  auto young = target();
  young.world = {{"net", 2, 0}, ""};
  EXPECT_FALSE(plan_poll(young, {}).world);
}

TEST(PlanPoll, DeltasLeadOnFromWhatIsHeldAsFarBackAsTheyAreKept) {
  auto request = holding_all();
  request.keyring->version.number = 10;
  EXPECT_EQ(plan_poll(target(), request).first_delta, 11u);
  request.keyring->version.number = 9;
  EXPECT_FALSE(plan_poll(target(), request).first_delta);
  EXPECT_TRUE(plan_poll(target(), request).keyring);
  request.keyring->version = {"net", 1, 19};
  EXPECT_TRUE(plan_poll(target(), request).keyring);
}

TEST(PlanPoll, WhoHoldsAllIsConfirmedAndSentNothing) {
  const auto plan = plan_poll(target(), holding_all());
  EXPECT_TRUE(plan.empty());
  EXPECT_TRUE(plan.confirmed);
}

}  // namespace
}  // namespace portolan::control
