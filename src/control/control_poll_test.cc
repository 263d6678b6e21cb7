#include "control/control_stage_test_support.h"
#include "runtime/combine.h"
#include "runtime/gate.h"
#include "runtime/wait.h"
#include "world/codec.h"

namespace portolan::control {
namespace {

using namespace testing;
using seal::DocumentKind;

struct ControlPollTest : ControlStage {};

seal::OpenedDocument open(const world::SealedDocument& document) {
  auto opened = seal::open_document(document.bytes, document.kind, root_key().verify_key(),
                                    virtual_time::first_day);
  check(opened.has_value(), "control's documents verify");
  return std::move(*opened);
}

Task<void> revoke_later(Stage& stage, std::string id, Instant& revoked_at) {
  const auto slept = co_await runtime::sleep_for(stage.shard, Duration::seconds(5));
  check(slept.has_value(), "time passes");
  const auto revoked = co_await stage.control->revoke_key(id);
  EXPECT_TRUE(revoked);
  revoked_at = stage.shard.now();
}

TEST_F(ControlPollTest, ARevocationIsSeenByAWaitingPollAtOnce) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    const auto key = co_await stage.control->create_key({"eu", {}, {}});
    Instant revoked_at{};
    runtime::Gate beside(stage.shard, 1);
    beside.start(revoke_later(stage, key->id, revoked_at));
    const auto answer = co_await stage.control->poll(poll_holding_all(*stage.control));
    EXPECT_LE(stage.shard.now() - revoked_at, Duration::milliseconds(1));
    EXPECT_TRUE(answer->confirmed);
    EXPECT_EQ(answer->documents.size(), 2u);
    const auto restrictions = open(answer->documents.at(0));
    EXPECT_EQ(restrictions.kind, DocumentKind::restrictions);
    const auto restricted = world::decode_restrictions(restrictions.payload);
    EXPECT_TRUE(restricted->revoked_keys.contains(key->id));
    const auto delta = world::decode_keyring_delta(open(answer->documents.at(1)).payload);
    EXPECT_TRUE(delta->keys.at(0).revoked);
    co_await beside.drain();
  });
}

TEST_F(ControlPollTest, APollWithNothingNewEndsAtItsWaitAndConfirms) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    auto request = poll_holding_all(*stage.control);
    request.wait_ms = 3'000;
    const Instant began = stage.shard.now();
    const auto answer = co_await stage.control->poll(request);
    EXPECT_GE(stage.shard.now() - began, Duration::seconds(3));
    EXPECT_TRUE(answer->documents.empty());
    EXPECT_TRUE(answer->confirmed);
    request.wait_ms = 1'000'000'000;
    const Instant again = stage.shard.now();
    const auto bounded = co_await stage.control->poll(request);
    EXPECT_TRUE(bounded);
    EXPECT_LE(stage.shard.now() - again,
              limits::poll_wait_ms.milliseconds() + Duration::seconds(1));
  });
}

TEST_F(ControlPollTest, ANewGatewayIsSentAllAndDeltasLeadOnFromThere) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    world::PollRequest request;
    request.gateway = "gw-1";
    request.zone = "eu-central-1a";
    const auto first = co_await stage.control->poll(request);
    EXPECT_EQ(first->documents.size(), 3u);
    const auto content = world::decode_keyring(open(first->documents.at(2)).payload);
    const auto number = stage.control->state().numbers.keyring;
    auto keyring = model::Keyring::make(*content, {"net", 1, number});
    EXPECT_TRUE(keyring);
    auto held = poll_holding_all(*stage.control);
    const auto one = co_await stage.control->create_key({"eu", {}, {}});
    const auto two = co_await stage.control->create_key({"eu", {}, {}});
    const auto next = co_await stage.control->poll(held);
    EXPECT_EQ(next->documents.size(), 2u);
    for (const auto& document : next->documents) {
      const auto delta = world::decode_keyring_delta(open(document).payload);
      keyring = model::apply_delta(*keyring, *delta);
      EXPECT_TRUE(keyring);
    }
    EXPECT_TRUE(keyring->find_key(one->id) && keyring->find_key(two->id));
    const auto whole = model::Keyring::make(keyring_content(stage.control->state()), {});
    EXPECT_EQ(keyring->content(), whole->content());
  });
}

TEST_F(ControlPollTest, WhatAGatewayRefusesIsShownAndNotSentAgain) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    auto request = poll_holding_all(*stage.control);
    const auto& numbers = stage.control->state().numbers;
    request.world.reset();
    request.wait_ms = 1'000;
    request.refused.push_back(
        {DocumentKind::world, numbers.of(numbers.world), numbers.world_hash, "It is odd."});
    const auto answer = co_await stage.control->poll(request);
    EXPECT_TRUE(answer->documents.empty());
    const auto& record = stage.control->gateways().by_id().at("gw-1");
    EXPECT_EQ(record.said.refused.at(0).reason, "It is odd.");
  });
}

Task<void> drain_later(Stage& stage) {
  const auto slept = co_await runtime::sleep_for(stage.shard, Duration::seconds(2));
  check(slept.has_value(), "time passes");
  stage.control->begin_drain();
}

TEST_F(ControlPollTest, DrainingAnswersEveryPoll) {
  play([](Stage& stage) -> Task<void> {
    runtime::Gate beside(stage.shard, 1);
    beside.start(drain_later(stage));
    const Instant began = stage.shard.now();
    const auto answer = co_await stage.control->poll(poll_holding_all(*stage.control));
    EXPECT_TRUE(answer);
    EXPECT_LE(stage.shard.now() - began, Duration::seconds(3));
    co_await beside.drain();
  });
}

}  // namespace
}  // namespace portolan::control
