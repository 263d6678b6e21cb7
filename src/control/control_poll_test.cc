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
    const auto restrictions = open_sealed(answer->documents.at(0));
    EXPECT_EQ(restrictions.kind, DocumentKind::restrictions);
    const auto restricted = world::decode_restrictions(restrictions.payload);
    EXPECT_TRUE(restricted->revoked_keys.contains(key->id));
    const auto delta = world::decode_keyring_delta(open_sealed(answer->documents.at(1)).payload);
    EXPECT_TRUE(delta->keys.at(0).revoked);
    co_await beside.drain();
  });
}

const GatewayRecord& record_of_gw_1(const Control& control) {
  return control.gateways().by_id().at("gw-1");
}

Task<void> poll_and_leave(Stage& stage, world::PollRequest request, Instant gone) {
  auto polling = stage.control->poll(std::move(request));
  const auto answer = co_await runtime::until(stage.shard, gone, std::move(polling));
  EXPECT_FALSE(answer) << "its gateway has left";
}

TEST_F(ControlPollTest, AGatewayIsConnectedWhileAPollOfItWaits) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    auto request = poll_holding_all(*stage.control);
    request.engines = world::EngineTally{3, 2};
    runtime::Gate beside(stage.shard, 1);
    beside.start(poll_and_leave(stage, request, stage.shard.now() + Duration::seconds(5)));
    const Status slept = co_await runtime::sleep_for(stage.shard, Duration::seconds(4));
    EXPECT_TRUE(slept);
    EXPECT_TRUE(record_of_gw_1(*stage.control).connected());
    EXPECT_EQ(record_of_gw_1(*stage.control).said.engines, (world::EngineTally{3, 2}));
    co_await beside.drain();
    EXPECT_FALSE(record_of_gw_1(*stage.control).connected());
    EXPECT_EQ(record_of_gw_1(*stage.control).seen, stage.shard.wall_now());
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
    EXPECT_EQ(stage.control->documents_sent(), 0u);
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
    EXPECT_EQ(stage.control->documents_sent(), 3u);
    const auto content = world::decode_keyring(open_sealed(first->documents.at(2)).payload);
    const auto number = stage.control->state().numbers.keyring;
    auto keyring = model::Keyring::make(*content, {"net", 1, number});
    EXPECT_TRUE(keyring);
    auto held = poll_holding_all(*stage.control);
    const auto one = co_await stage.control->create_key({"eu", {}, {}});
    const auto two = co_await stage.control->create_key({"eu", {}, {}});
    const auto next = co_await stage.control->poll(held);
    EXPECT_EQ(next->documents.size(), 2u);
    for (const auto& document : next->documents) {
      const auto delta = world::decode_keyring_delta(open_sealed(document).payload);
      keyring = model::apply_delta(*keyring, *delta);
      EXPECT_TRUE(keyring);
    }
    EXPECT_TRUE(keyring->find_key(one->id) && keyring->find_key(two->id));
    const auto whole = model::Keyring::make(keyring_content(stage.control->state()), {});
    EXPECT_EQ(keyring->to_content(), whole->to_content());
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

world::PollRequest with_key(world::PollRequest request, std::uint64_t generation,
                            std::string issuer) {
  request.zone_key = world::ZoneKeySaid{.key = seal::SigningKey(seed(7)).verify_key().base64url(),
                                        .generation = generation,
                                        .issuer = std::move(issuer),
                                        .ends_s = 3'999'999'999};
  return request;
}

TEST_F(ControlPollTest, AKeyWithoutACertificateGetsOneAtOnceAndNoSecond) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    auto request = with_key(poll_holding_all(*stage.control), 0, "");
    const Instant began = stage.shard.now();
    const auto answer = co_await stage.control->poll(request);
    EXPECT_LE(stage.shard.now() - began, Duration::seconds(1));
    EXPECT_EQ(answer->zone_chain.size(), 2u);
    std::vector<seal::Certificate> chain;
    for (const auto& text : answer->zone_chain) chain.push_back(*seal::parse_certificate(text));
    EXPECT_TRUE(seal::verify_chain(chain, root_key().verify_key(), stage.shard.wall_now()));
    EXPECT_EQ(chain.back().subject.name, "eu-central-1a");
    request = with_key(poll_holding_all(*stage.control), 0, chain.back().issuer);
    request.wait_ms = 1'000;
    const auto again = co_await stage.control->poll(request);
    EXPECT_TRUE(again->zone_chain.empty());
  });
}

Task<void> rotate_later(Stage& stage) {
  const auto slept = co_await runtime::sleep_for(stage.shard, Duration::seconds(5));
  check(slept.has_value(), "time passes");
  const auto unknown = co_await stage.control->rotate_zone_key("eu-central-1z");
  EXPECT_EQ(unknown.error().code, Code::invalid_parameter);
  const auto rotated = co_await stage.control->rotate_zone_key("eu-central-1a");
  EXPECT_EQ(rotated.value_or(0), 1u);
}

TEST_F(ControlPollTest, ARotationIsToldAtOnceAndAlsoAfterARestart) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    const auto issuer = options_of("net").signer.certificate.subject.key.id();
    const auto request = with_key(poll_holding_all(*stage.control), 0, issuer);
    runtime::Gate beside(stage.shard, 1);
    beside.start(rotate_later(stage));
    const Instant began = stage.shard.now();
    const auto answer = co_await stage.control->poll(request);
    EXPECT_LE(stage.shard.now() - began, Duration::seconds(6));
    EXPECT_EQ(answer->zone_key_generation, 1u);
    EXPECT_TRUE(answer->zone_chain.empty());
    co_await beside.drain();
    co_await reopen(stage);
    const auto later = co_await stage.control->poll(request);
    EXPECT_EQ(later->zone_key_generation, 1u);
    const auto renewed = with_key(poll_holding_all(*stage.control), 1, "");
    const auto certified = co_await stage.control->poll(renewed);
    EXPECT_EQ(certified->zone_chain.size(), 2u);
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
