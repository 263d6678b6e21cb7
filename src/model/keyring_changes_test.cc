#include "model/keyring_changes.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/random.h"

namespace portolan::model {
namespace {

KeyRecord key(std::string id, bool revoked = false) {
  KeyRecord made;
  made.id = std::move(id);
  made.workspace = "eu";
  made.revoked = revoked;
  return made;
}

Workspace workspace(std::string name) {
  Workspace made;
  made.name = std::move(name);
  made.org = "demo";
  return made;
}

Keyring keyring() {
  Keyring::Content content;
  content.orgs = {{"demo"}};
  content.workspaces = {workspace("eu")};
  content.keys = {key("k3"), key("k5")};
  return *Keyring::make(std::move(content), {"net", 1, 10});
}

KeyringDelta delta(std::uint64_t number, std::vector<KeyRecord> keys) {
  return {{"net", 1, number}, {}, {}, std::move(keys)};
}

TEST(ApplyDeltas, RefusesAGapBetweenThem) {
  const std::vector<KeyringDelta> deltas = {delta(11, {key("k1")}), delta(13, {key("k2")})};
  const auto made = apply_deltas(keyring(), deltas);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, Code::stale_version);
}

TEST(ApplyDeltas, NeverBringAKeyBackFromATombstoneAmongThem) {
  const std::vector<KeyringDelta> deltas = {delta(11, {key("k1")}), delta(12, {key("k1", true)}),
                                            delta(13, {key("k1")})};
  const auto made = apply_deltas(keyring(), deltas);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, Code::invalid_resource);
}

TEST(ApplyDeltas, OfNoneAreTheSameKeyring) {
  const auto made = apply_deltas(keyring(), {});
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->version(), keyring().version());
  EXPECT_EQ(made->to_content(), keyring().to_content());
}

TEST(ApplyDeltas, LeadToWhatEachInTurnLeadsTo) {
  Random random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<KeyringDelta> deltas;
    for (std::uint64_t number = 11; number < 11 + random.below(6); ++number) {
      deltas.push_back(delta(number, {}));
      for (std::uint64_t i = random.below(4); i > 0; --i) {
        deltas.back().keys.push_back(
            key("k" + std::to_string(random.below(8)), random.chance(0.1)));
      }
      if (random.chance(0.3)) {
        deltas.back().workspaces = {workspace("w" + std::to_string(random.below(3)))};
      }
    }
    Result<Keyring> in_turn = keyring();
    for (const KeyringDelta& one : deltas) {
      if (in_turn) in_turn = apply_delta(*in_turn, one);
    }
    const auto at_once = apply_deltas(keyring(), deltas);
    ASSERT_EQ(at_once.has_value(), in_turn.has_value()) << "round " << round;
    if (!at_once) continue;
    EXPECT_EQ(at_once->version(), in_turn->version());
    EXPECT_EQ(at_once->to_content(), in_turn->to_content());
    EXPECT_EQ(at_once->to_content(), Keyring::make(at_once->to_content(), {})->to_content());
    at_once->keys().for_each(
        [&](const KeyRecord& each) { EXPECT_EQ(at_once->find_key(each.id), &each); });
  }
}

TEST(ApplyDeltas, OfKeysAloneLeaveTheWorkspacesWhereTheyAre) {
  const auto before = keyring();
  const auto keys_only = apply_delta(before, delta(11, {key("k9")}));
  EXPECT_EQ(&keys_only->workspaces(), &before.workspaces());
  EXPECT_EQ(keys_only->workspaces_version(), before.version());
  auto wider = delta(12, {});
  wider.workspaces = {workspace("eu")};
  const auto changed = apply_delta(*keys_only, wider);
  EXPECT_EQ(changed->workspaces_version(), changed->version());
}

}  // namespace
}  // namespace portolan::model
