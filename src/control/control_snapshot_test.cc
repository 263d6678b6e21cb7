#include "control/control_stage_test_support.h"
#include "control/state_codec.h"
#include "world/codec.h"
#include "world/keyring_snapshot.h"

namespace portolan::control {
namespace {

using namespace testing;
using seal::DocumentKind;

struct ControlSnapshotTest : ControlStage {};

world::PollRequest new_gateway(bool reads_snapshots) {
  world::PollRequest request;
  request.gateway = "gw-1";
  request.zone = "eu-central-1a";
  request.reads_snapshots = reads_snapshots;
  return request;
}

// The Keyring that a new gateway makes of an answer.
model::Keyring keyring_of(const world::PollAnswer& answer) {
  std::optional<model::Keyring> keyring;
  for (const auto& document : answer.documents) {
    const auto opened = open_sealed(document);
    if (document.kind == DocumentKind::keyring) {
      keyring = *model::Keyring::make(*world::decode_any_keyring(opened.payload), opened.version);
    } else if (document.kind == DocumentKind::keyring_delta) {
      keyring = *model::apply_delta(*keyring, *world::decode_keyring_delta(opened.payload));
    }
  }
  check(keyring.has_value(), "an answer to a new gateway has a Keyring");
  return *keyring;
}

TEST_F(ControlSnapshotTest, AGatewayIsSentTheSnapshotThatItReads) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    const auto key = co_await stage.control->create_key({"eu", {"eu"}, {}});
    EXPECT_TRUE(key);
    for (const bool reads_snapshots : {false, true}) {
      const auto answer = co_await stage.control->poll(new_gateway(reads_snapshots));
      EXPECT_EQ(world::is_keyring_snapshot(open_sealed(answer->documents.at(2)).payload),
                reads_snapshots);
      const auto whole = model::Keyring::make(keyring_content(stage.control->state()), {});
      EXPECT_EQ(keyring_of(*answer).to_content(), whole->to_content());
    }
  });
}

TEST_F(ControlSnapshotTest, ASnapshotIsSealedOnceAndDeltasLeadOnFromIt) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    const auto first = co_await stage.control->poll(new_gateway(true));
    const auto sealed = stage.control->documents().keyring.compact;
    const auto key = co_await stage.control->create_key({"eu", {}, {}});
    const auto revoked = co_await stage.control->revoke_key(key->id);
    EXPECT_TRUE(revoked);
    const auto later = co_await stage.control->poll(new_gateway(true));
    EXPECT_TRUE(later->confirmed);
    EXPECT_EQ(stage.control->documents().keyring.compact, sealed);
    const auto keyring = keyring_of(*later);
    EXPECT_EQ(keyring.version().number, stage.control->state().numbers.keyring);
    EXPECT_TRUE(keyring.find_key(key->id)->revoked);
  });
}

TEST_F(ControlSnapshotTest, WhoRefusedASnapshotIsSentTheNewestAlone) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    auto request = new_gateway(true);
    const auto first = co_await stage.control->poll(request);
    const auto seen = open_sealed(first->documents.at(2)).version;
    const auto key = co_await stage.control->create_key({"eu", {}, {}});
    EXPECT_TRUE(key);
    request.refused.push_back({DocumentKind::keyring, seen, "hash", "It is odd."});
    const auto answer = co_await stage.control->poll(request);
    EXPECT_EQ(answer->documents.size(), 3u);
    EXPECT_EQ(open_sealed(answer->documents.at(2)).version.number, seen.number + 1);
  });
}

TEST_F(ControlSnapshotTest, WhoRefusedADeltaThatASnapshotHasIsSentThatSnapshot) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    const auto key = co_await stage.control->create_key({"eu", {}, {}});
    EXPECT_TRUE(key);
    const auto first = co_await stage.control->poll(new_gateway(true));
    const auto seen = open_sealed(first->documents.at(2)).version;
    const auto other = co_await stage.control->create_key({"eu", {}, {}});
    EXPECT_TRUE(other);
    for (const bool behind : {false, true}) {
      auto refused = seen;
      refused.number += behind ? 1 : 0;
      auto request = new_gateway(true);
      request.refused = {{DocumentKind::keyring_delta, refused, "hash", "It is odd."}};
      const auto answer = co_await stage.control->poll(request);
      EXPECT_EQ(open_sealed(answer->documents.at(2)).version.number,
                seen.number + (behind ? 1 : 0));
      EXPECT_EQ(keyring_of(*answer).version().number, seen.number + 1);
    }
  });
}

// As if they had been created before it was started.
Task<void> start_with_keys(Stage& stage, std::uint64_t count) {
  store::Transaction transaction;
  for (std::uint64_t i = 0; i < count; ++i) {
    model::KeyRecord key;
    key.id = "key-" + std::to_string(i);
    key.workspace = "eu";
    transaction.puts.push_back({.key = key_key(key.id), .value = render_key(key), .lease = 0});
  }
  const auto stored = co_await stage.store->commit(std::move(transaction));
  check(stored.has_value(), "a store takes keys");
  co_await reopen(stage);
}

TEST_F(ControlSnapshotTest, NewRestrictionsGoAheadOfALargeKeyringOnce) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    co_await start_with_keys(stage, keys_beside_restrictions_max.value + 1);
    auto request = new_gateway(true);
    const auto ahead = co_await stage.control->poll(request);
    EXPECT_EQ(ahead->documents.size(), 2u);
    EXPECT_EQ(ahead->documents.at(0).kind, DocumentKind::restrictions);
    EXPECT_EQ(ahead->documents.at(1).kind, DocumentKind::world);
    EXPECT_FALSE(ahead->confirmed);
    EXPECT_EQ(stage.control->documents().keyring.compact.number, 0u) << "nothing is sealed first";
    const auto held = poll_holding_all(*stage.control);
    request.restrictions = held.restrictions;
    request.world = held.world;
    const auto revoked = co_await stage.control->revoke_key("key-1");
    EXPECT_TRUE(revoked);
    const auto both = co_await stage.control->poll(request);
    EXPECT_EQ(both->documents.size(), 2u);
    EXPECT_EQ(both->documents.at(0).kind, DocumentKind::restrictions);
    EXPECT_EQ(both->documents.at(1).kind, DocumentKind::keyring);
    EXPECT_TRUE(both->confirmed);
    const auto next = co_await stage.control->poll(request);
    EXPECT_EQ(next->documents.size(), 1u) << "ahead again";
    request.restrictions = poll_holding_all(*stage.control).restrictions;
    const auto alone = co_await stage.control->poll(request);
    EXPECT_EQ(alone->documents.at(0).kind, DocumentKind::keyring);
    EXPECT_TRUE(alone->confirmed);
  });
}

// It keeps no revocation that control restricts no more.
TEST_F(ControlSnapshotTest, AGatewayThatReadsNoSnapshotIsSentBothTogether) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    co_await start_with_keys(stage, keys_beside_restrictions_max.value + 1);
    const auto answer = co_await stage.control->poll(new_gateway(false));
    EXPECT_EQ(answer->documents.size(), 3u);
    EXPECT_EQ(answer->documents.at(0).kind, DocumentKind::restrictions);
    EXPECT_EQ(answer->documents.back().kind, DocumentKind::keyring);
    EXPECT_TRUE(answer->confirmed);
  });
}

TEST(SealKeyring, AsJsonIsRefusedUnwrittenWhereNoFormOfItsKeysFits) {
  const Numbers numbers{"net", 1, 1, "w", 1, 1};
  constexpr std::size_t least = 80;
  model::KeyRecord key;
  key.id = "i";
  key.workspace = "w";
  model::Keyring::Content content;
  const auto none = world::encode_keyring(content).size();
  content.keys = {key};
  EXPECT_GE(world::encode_keyring(content).size() - none, least);
  content.keys.resize(limits::keyring_bytes_max.count() / least + 1);
  const auto signer = options_of("net").signer;
  const auto sealed = seal_keyring(numbers, content, false, signer);
  ASSERT_FALSE(sealed);
  EXPECT_TRUE(sealed.error().message.contains("at least")) << sealed.error().message;
}

}  // namespace
}  // namespace portolan::control
