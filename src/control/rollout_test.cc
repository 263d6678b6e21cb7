#include <algorithm>

#include "control/rollout_stage_test_support.h"

namespace portolan::control {
namespace {

using namespace testing;

using Gateways = std::deque<PollingGateway>;
using Worlds = std::vector<std::uint64_t>;

struct RolloutTest : RolloutStage {};

Worlds held_by(const Gateways& gateways) {
  Worlds numbers;
  for (const auto& gateway : gateways) {
    numbers.push_back(gateway.world ? gateway.world->version.number : 0);
  }
  return numbers;
}

const std::string deployment_in_sg = R"(apiVersion: portolan/v1
kind: Model
metadata: {name: small}
spec: {digest: "sha256:)" + std::string(64, '0') +
                                     R"(", context: 4096, features: [chat]}
---
apiVersion: portolan/v1
kind: Deployment
metadata: {name: small.sg-1a}
spec: {model: small, zone: sg-1a, engines: [{kind: llama.cpp, url: "http://127.0.0.1:9"}]}
)";

// A change of the World that a gateway sees by its number alone.
Task<void> apply_change(Stage& stage) { co_await apply(stage, scope_text("wide", "eu, sg-1")); }

TEST_F(RolloutTest, AWorldThatAGatewayRefusesGoesBackWithItsReason) {
  act([](Stage& stage, Gateways& gateways) -> Task<void> {
    gateways[0].by_world[2].refuses = "invalid_resource: scope 'wide' at line 7 is odd";
    const auto before = stage.control->state().contents;
    co_await apply_change(stage);
    EXPECT_EQ(phase_of(stage), "running");
    co_await wait(stage, 10);
    EXPECT_EQ(phase_of(stage), "gone-back");
    const auto& rollout = *stage.control->state().rollout;
    EXPECT_NE(rollout.why.find("Gateway g-eu-1a in zone eu-1a refuses it: invalid_resource: scope "
                               "'wide' at line 7 is odd"),
              std::string::npos)
        << rollout.why;
    EXPECT_EQ(*stage.control->state().contents, *before) << "what is stored is what gateways hold";
    EXPECT_EQ(stage.control->state().numbers.world, 3u);
    EXPECT_EQ(stage.control->state().numbers.world_hash, rollout.from_hash);
    EXPECT_FALSE(world::find(*stage.control->state().contents, world::Kind::scope, "wide"));
    EXPECT_FALSE(stage.control->state().resource_versions.contains({world::Kind::scope, "wide"}));
    co_await wait(stage, 30);
    EXPECT_EQ(held_by(gateways), Worlds({3, 3, 3, 3}));
    for (std::size_t i = 1; i < gateways.size(); ++i) {
      EXPECT_EQ(gateways[i].worlds_taken, Worlds({1, 3})) << "no other zone ever had it";
    }
  });
}

TEST_F(RolloutTest, AWorldThatMakesErrorsRiseGoesBackWithinTwoMinutesFromOneZone) {
  act([](Stage& stage, Gateways& gateways) -> Task<void> {
    for (auto& gateway : gateways) gateway.by_world[2].error_share = 0.5;
    const Instant began = stage.shard.now();
    co_await apply_change(stage);
    while (phase_of(stage) == "running") co_await wait(stage, 1);
    EXPECT_EQ(phase_of(stage), "gone-back");
    co_await wait(stage, 3);
    EXPECT_LE(stage.shard.now() - began, policy::wave_back_ms.milliseconds());
    EXPECT_EQ(held_by(gateways), Worlds({3, 3, 3, 3}));
    const auto with = std::ranges::count_if(gateways, [](const PollingGateway& gateway) {
      return gateway.worlds_taken == Worlds({1, 2, 3});
    });
    EXPECT_EQ(with, 1);
    const auto& why = stage.control->state().rollout->why;
    EXPECT_NE(why.find("ended by errors"), std::string::npos) << why;
  });
}

// What takes permission away is applied with the reason why requests are refused by it.
Task<void> apply_to_refuse(Stage& stage, std::string reason) {
  ApplyRequest request;
  request.text = scope_text("wide", "eu, sg-1");
  const Actor by{.reason = reason, .refusals_meant = !reason.empty()};
  const auto applied = co_await stage.control->apply(std::move(request), by);
  EXPECT_TRUE(applied);
}

TEST_F(RolloutTest, RefusalsTakeItBackUnlessTheyAreMeantAndErrorsAlways) {
  act([](Stage& stage, Gateways& gateways) -> Task<void> {
    for (auto& gateway : gateways) {
      gateway.by_world[2].refusal_share = 0.5;
      gateway.by_world[4].refusal_share = 0.5;
      gateway.by_world[5].error_share = 0.5;
    }
    co_await apply_to_refuse(stage, "");
    co_await wait_for_steps(stage, 99);
    const auto& why = stage.control->state().rollout->why;
    EXPECT_NE(why.find("were refused"), std::string::npos) << why;
    co_await apply_to_refuse(stage, "licence required");
    EXPECT_EQ(stage.control->state().rollout->refusals_meant, "licence required");
    co_await wait_for_steps(stage, 99);
    EXPECT_EQ(phase_of(stage), "done");
    EXPECT_EQ(held_by(gateways), Worlds({4, 4, 4, 4}));
    co_await apply(stage, scope_text("narrow", "eu"));
    EXPECT_EQ(stage.control->state().rollout->refusals_meant, "") << "of that one alone";
    co_await wait_for_steps(stage, 99);
    EXPECT_EQ(phase_of(stage), "gone-back");
  });
}

TEST_F(RolloutTest, AGatewayThatVanishesWithTheWorldTakesItBack) {
  act([](Stage& stage, Gateways& gateways) -> Task<void> {
    co_await apply_change(stage);
    co_await wait(stage, 5);
    EXPECT_EQ(gateways[0].worlds_taken, Worlds({1, 2}));
    gateways[0].silent = true;
    co_await wait(stage, 50);
    EXPECT_EQ(phase_of(stage), "gone-back");
    gateways[0].silent = false;
    co_await wait(stage, 5);
    EXPECT_EQ(held_by(gateways), Worlds({3, 3, 3, 3}));
  });
}

TEST_F(RolloutTest, AnEngineLostWhereTheWorldChangesEnginesTakesItBackFromThatZone) {
  act([](Stage& stage, Gateways& gateways) -> Task<void> {
    gateways[3].by_world[2].engines_down = 1;
    const auto applied = co_await apply(stage, deployment_in_sg);
    EXPECT_TRUE(applied.problems.empty());
    co_await wait(stage, 40);
    EXPECT_EQ(phase_of(stage), "gone-back");
    const auto& why = stage.control->state().rollout->why;
    EXPECT_NE(why.find("1 engines that do not answer"), std::string::npos) << why;
    EXPECT_EQ(gateways[3].worlds_taken, Worlds({1, 2, 3}))
        << "where it changes most is shown first";
    EXPECT_EQ(gateways[0].worlds_taken, Worlds({1, 3}));
  });
}

TEST_F(RolloutTest, AnEngineLostWhereTheWorldChangesNoneIsNotItsDoing) {
  act([](Stage& stage, Gateways& gateways) -> Task<void> {
    gateways[0].by_world[2].engines_down = 1;
    co_await apply_change(stage);
    co_await wait_for_steps(stage, 99);
    EXPECT_EQ(phase_of(stage), "done");
  });
}

TEST_F(RolloutTest, ErrorsThatWereThereBeforeHoldNothingUp) {
  act([](Stage& stage, Gateways& gateways) -> Task<void> {
    for (auto& gateway : gateways) {
      gateway.by_world[1].error_share = 0.3;
      gateway.by_world[2].error_share = 0.3;
    }
    co_await apply_change(stage);
    co_await wait_for_steps(stage, 99);
    EXPECT_EQ(phase_of(stage), "done");
    EXPECT_EQ(held_by(gateways), Worlds({2, 2, 2, 2}));
  });
}

TEST_F(RolloutTest, AGoodWorldGoesToAZoneThenItsRegionThenTheRestByFailureGroups) {
  act([](Stage& stage, Gateways& gateways) -> Task<void> {
    co_await apply_change(stage);
    co_await wait_for_steps(stage, 1);
    co_await wait(stage, 5);
    EXPECT_EQ(held_by(gateways), Worlds({2, 1, 1, 1}));
    co_await wait_for_steps(stage, 2);
    co_await wait(stage, 5);
    EXPECT_EQ(held_by(gateways), Worlds({2, 2, 1, 1}));
    co_await wait_for_steps(stage, 99);
    EXPECT_EQ(phase_of(stage), "done");
    EXPECT_EQ(held_by(gateways), Worlds({2, 2, 2, 2}));
    const auto& rollout = *stage.control->state().rollout;
    EXPECT_EQ(rollout.steps.size(), 3u);
    for (const auto& step : rollout.steps) EXPECT_FALSE(step.verdict.empty());
    co_await apply(stage, scope_text("wide", "eu"));
    EXPECT_EQ(phase_of(stage), "running") << "the next one begins anew";
    EXPECT_EQ(stage.control->state().rollout->world, 3u);
  });
}

TEST_F(RolloutTest, WithoutTrafficOrWithoutGatewaysAStepWaitsAndGoesOn) {
  act([](Stage& stage, Gateways& gateways) -> Task<void> {
    for (auto& gateway : gateways) gateway.requests_per_second = 0;
    gateways[3].silent = true;
    co_await wait(stage, 10);
    co_await apply_change(stage);
    co_await wait_for_steps(stage, 99);
    EXPECT_EQ(phase_of(stage), "done");
    const auto& rollout = *stage.control->state().rollout;
    EXPECT_NE(rollout.steps[0].verdict.find("no traffic"), std::string::npos);
    EXPECT_GE(rollout.ended - rollout.began, policy::wave_quiet_ms.milliseconds() * 3);
    EXPECT_LE(rollout.ended - rollout.began, Duration::seconds(120));
    gateways[3].silent = false;
    co_await wait(stage, 5);
    EXPECT_EQ(held_by(gateways), Worlds({2, 2, 2, 2})) << "who comes late gets it then";
  });
}

TEST_F(RolloutTest, AnotherProcessTakesItUpWhereItStood) {
  act([](Stage& stage, Gateways& gateways) -> Task<void> {
    co_await apply_change(stage);
    co_await wait_for_steps(stage, 2);
    co_await wait(stage, 5);
    const auto before = *stage.control->state().rollout;
    const auto former = *stage.control->documents().former_world;
    // The first process hangs at its store; what it knew is in there.
    auto options = paced();
    auto second = co_await Control::open(stage.shard, *stage.store, std::move(options));
    EXPECT_EQ(*(*second)->state().rollout, before);
    EXPECT_EQ(*(*second)->documents().former_world, former);
    EXPECT_EQ((*second)->state().before->network, stage.control->state().before->network);
    EXPECT_EQ((*second)->state().former, stage.control->state().former);
    world::PollRequest fresh;
    fresh.gateway = "g-sg-1a";
    fresh.zone = "sg-1a";
    const auto first = co_await (*second)->poll(fresh);
    const auto document =
        seal::open_document(first->documents.at(1).bytes, seal::DocumentKind::world,
                            root_key().verify_key(), virtual_time::first_day);
    EXPECT_EQ(document->version.number, 1u) << "its turn has not come";
    const auto back = co_await (*second)->change_rollout(RolloutWish::roll_back);
    EXPECT_TRUE(back);
    EXPECT_EQ((*second)->state().numbers.world_hash, before.from_hash);
    co_await wait(stage, 1);
  });
}

TEST_F(RolloutTest, OfTwoControlsOneDrivesAndTheOtherTakesItOn) {
  act([](Stage& stage, Gateways& gateways) -> Task<void> {
    auto options = paced();
    auto opened = co_await Control::open(stage.shard, *stage.store, std::move(options));
    Control& second = **opened;
    runtime::Gate beside(stage.shard, 4);
    check(beside.start(stage.control->follow()), "a gate");
    check(beside.start(second.follow()), "a gate");
    check(beside.start(second.drive_rollouts()), "a gate");
    gateways[2].other = &second;
    gateways[3].other = &second;
    co_await wait(stage, 10);
    co_await apply_change(stage);
    co_await wait_for_steps(stage, 2);
    EXPECT_EQ(second.state().rollout, stage.control->state().rollout);
    stage.control->begin_drain();
    for (auto& gateway : gateways) gateway.other = &second;
    for (int i = 0; i < 200 && second.state().rolling_out(); ++i) co_await wait(stage, 1);
    EXPECT_EQ(second.state().rollout->phase, RolloutPhase::done);
    EXPECT_EQ(second.state().rollout->steps.size(), 3u);
    EXPECT_EQ(held_by(gateways), Worlds({2, 2, 2, 2}));
    for (auto& gateway : gateways) gateway.silent = true;
    co_await wait(stage, 5);
    for (auto& gateway : gateways) gateway.other = nullptr;
    co_await beside.close();
  });
}

TEST_F(RolloutTest, PausedItStaysUntilItIsResumed) {
  act([](Stage& stage, Gateways& gateways) -> Task<void> {
    co_await apply_change(stage);
    co_await wait_for_steps(stage, 1);
    const auto paused = co_await stage.control->change_rollout(RolloutWish::pause);
    EXPECT_TRUE(paused);
    co_await wait(stage, 300);
    EXPECT_EQ(held_by(gateways), Worlds({2, 1, 1, 1}));
    // What takes permission away, and keys, do not wait.
    const KeyWish wish{"eu", {}, {}};
    const auto key = co_await stage.control->create_key(wish);
    const auto revoked = co_await stage.control->revoke_key(key->id);
    const RestrictionWish drain{RestrictionWish::Kind::drain, "sg-1a", false};
    const auto drained = co_await stage.control->restrict(drain);
    EXPECT_TRUE(revoked && drained);
    co_await wait(stage, 1);
    const auto& numbers = stage.control->state().numbers;
    for (const auto& gateway : gateways) {
      EXPECT_EQ(gateway.restrictions->version.number, numbers.restrictions);
      EXPECT_EQ(gateway.keyring->version.number, numbers.keyring);
    }
    const auto resumed = co_await stage.control->change_rollout(RolloutWish::resume);
    EXPECT_TRUE(resumed);
    co_await wait_for_steps(stage, 99);
    EXPECT_EQ(phase_of(stage), "done");
    EXPECT_EQ(held_by(gateways), Worlds({2, 2, 2, 2}));
  });
}

TEST_F(RolloutTest, AnOperatorTakesItBackAndNoGatewayTakesAnOlderWorld) {
  act([](Stage& stage, Gateways& gateways) -> Task<void> {
    const auto none = co_await stage.control->change_rollout(RolloutWish::pause);
    EXPECT_EQ(none.error().code, Code::resource_not_found);
    co_await apply_change(stage);
    co_await wait_for_steps(stage, 2);
    co_await wait(stage, 3);
    EXPECT_EQ(held_by(gateways), Worlds({2, 2, 1, 1}));
    const auto second = *stage.control->documents().world;
    Actor somebody{.admin = "abc", .request = "r-1", .reason = "wrong file"};
    const auto back = co_await stage.control->change_rollout(RolloutWish::roll_back, somebody);
    EXPECT_TRUE(back);
    co_await wait(stage, 3);
    EXPECT_EQ(held_by(gateways), Worlds({3, 3, 3, 3}));
    EXPECT_EQ(stage.control->state().rollout->why, "wrong file");
    for (const auto& gateway : gateways) EXPECT_TRUE(gateway.worlds_older.empty());
    world::PollAnswer late;
    late.documents.push_back({seal::DocumentKind::world, second});
    take(gateways[0], late, stage.shard.now());
    EXPECT_EQ(gateways[0].worlds_older, Worlds({2})) << "one that comes late";
    EXPECT_EQ(gateways[0].world->version.number, 3u);
    const auto log = co_await stage.control->read_audit(0, 1);
    EXPECT_NE(log->entries.at(0).find(R"("act":"roll-back")"), std::string::npos);
    EXPECT_NE(log->entries.at(0).find(R"("done":"gone-back")"), std::string::npos);
  });
}

TEST_F(RolloutTest, ASecondWorldIsRefusedAndWorkspacesAreNot) {
  act([](Stage& stage, Gateways& gateways) -> Task<void> {
    EXPECT_EQ(gateways.size(), 4u);
    co_await apply_change(stage);
    ApplyRequest second;
    second.text = scope_text("other", "eu");
    const auto refused = co_await stage.control->apply(second);
    EXPECT_EQ(refused.error().code, Code::resource_conflict);
    EXPECT_NE(refused.error().message.find("portolan rollout rollback"), std::string::npos);
    co_await apply(stage, "apiVersion: portolan/v1\nkind: Org\nmetadata: {name: other}\n");
    ApplyRequest early;
    early.text =
        "apiVersion: portolan/v1\nkind: Workspace\nmetadata: {name: w, org: demo}\n"
        "spec: {scopes: [wide]}\n";
    const auto unknown = co_await stage.control->apply(early);
    EXPECT_EQ(unknown.error().code, Code::invalid_resource);
    EXPECT_NE(unknown.error().message.find("scope 'wide'"), std::string::npos);
    const KeyWish wish{"eu", {"wide"}, {}};
    const auto key = co_await stage.control->create_key(wish);
    EXPECT_EQ(key.error().code, Code::invalid_parameter);
    EXPECT_EQ(phase_of(stage), "running");
  });
}

TEST_F(RolloutTest, WhatWasChangedAndDeletedComesBackAsItWas) {
  act([](Stage& stage, Gateways& gateways) -> Task<void> {
    co_await apply_change(stage);
    co_await wait_for_steps(stage, 99);
    EXPECT_EQ(held_by(gateways), Worlds({2, 2, 2, 2}));
    const auto before = stage.control->state().contents;
    const auto removed = co_await stage.control->remove({{world::Kind::scope, "wide"}, {}});
    EXPECT_TRUE(removed);
    EXPECT_EQ(phase_of(stage), "running");
    // A process that knows it from the store alone.
    co_await wait(stage, 3);
    auto second = co_await Control::open(stage.shard, *stage.store, options_of("net"));
    const auto back = co_await (*second)->change_rollout(RolloutWish::roll_back);
    EXPECT_TRUE(back);
    EXPECT_EQ(*(*second)->state().contents, *before);
    EXPECT_TRUE((*second)->state().resource_versions.contains({world::Kind::scope, "wide"}));
    store::RangeRequest left;
    left.prefix = "rollout-former/";
    const auto range = co_await stage.store->range(left);
    EXPECT_TRUE(range->items.empty());
  });
}

TEST_F(RolloutTest, TheFirstWorldAndAControlThatIsToldSoSendToAllAtOnce) {
  play([](Stage& stage) -> Task<void> {
    co_await reopen_paced(stage);
    co_await apply(stage, three_regions);
    EXPECT_EQ(phase_of(stage), "none");
    co_await reopen(stage);
    co_await apply(stage, scope_text("wide", "eu"));
    EXPECT_EQ(phase_of(stage), "none");
    EXPECT_EQ(stage.control->state().numbers.world, 2u);
  });
}

}  // namespace
}  // namespace portolan::control
