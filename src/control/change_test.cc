#include "control/change.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "control/state_codec.h"

namespace portolan::control {
namespace {

// A State whose log of deltas is full; number `i` revokes the key `key-<i>`.
State full_log() {
  State state;
  state.revision = 5'000;
  state.numbers = {.network = "net",
                   .epoch = 1,
                   .world = 0,
                   .world_hash = {},
                   .keyring = keyring_deltas_max.value + 1,
                   .restrictions = 9};
  for (std::uint64_t number = 2; number <= state.numbers.keyring; ++number) {
    const auto id = "key-" + std::to_string(number);
    state.deltas.push_back({.number = number, .payload = "{}", .revoked = {id}});
    state.restrictions.revoked_keys.insert(id);
  }
  return state;
}

Wish new_key(std::string id) {
  model::KeyRecord key;
  key.id = std::move(id);
  key.workspace = "eu";
  Wish wish;
  wish.keys.push_back(std::move(key));
  return wish;
}

bool deletes(const Change& change, const std::string& key) {
  return std::ranges::find(change.transaction.deletes, key) != change.transaction.deletes.end();
}

TEST(Change, IsComparedWithTheStateItWasMadeFrom) {
  const auto change = compile_change(full_log(), new_key("a"));
  ASSERT_TRUE(change);
  ASSERT_EQ(change->transaction.compares.size(), 1u);
  EXPECT_EQ(change->transaction.compares[0].key, numbers_key);
  EXPECT_EQ(change->transaction.compares[0].mod_revision, 5'000u);
}

TEST(Change, TooManyKeysAreRefused) {
  auto state = full_log();
  model::KeyRecord key;
  for (std::uint64_t i = 0; i < keys_max.value; ++i) {
    state.keys.emplace_hint(state.keys.end(), std::to_string(1'000'000 + i), key);
  }
  EXPECT_EQ(compile_change(state, new_key("one more")).error().code, Code::invalid_parameter);
  auto revoke = new_key(state.keys.begin()->first);
  revoke.keys[0].revoked = true;
  EXPECT_TRUE(compile_change(state, std::move(revoke))) << "it takes no room";
}

TEST(Change, TheOldestDeltaGoesWhenTheLogIsFullAndAbsorbsItsRevocations) {
  auto state = full_log();
  auto change = compile_change(state, new_key("a"));
  ASSERT_TRUE(change);
  EXPECT_EQ(change->forgotten, std::vector<std::uint64_t>{2});
  EXPECT_TRUE(deletes(*change, delta_key(2)));
  apply_change(state, std::move(*change), 5'001);
  EXPECT_EQ(state.deltas.size(), keyring_deltas_max.count());
  EXPECT_EQ(state.deltas.front().number, 3u);
  EXPECT_EQ(state.deltas.back().number, state.numbers.keyring);
  EXPECT_FALSE(state.restrictions.revoked_keys.contains("key-2"));
  EXPECT_TRUE(state.restrictions.revoked_keys.contains("key-3"));
  EXPECT_EQ(state.numbers.restrictions, 10u);
}

TEST(Change, ADeltaThatIsTooLargeMakesEveryoneTakeTheSnapshot) {
  auto state = full_log();
  Wish wish;
  for (int i = 0; i < 6'000; ++i) {
    model::Org org{.name = "org-with-a-rather-long-name-so-that-it-adds-up-soon-" +
                           std::string(60, 'x') + std::to_string(i)};
    wish.put.push_back(std::move(org));
  }
  auto change = compile_change(state, std::move(wish));
  ASSERT_TRUE(change);
  EXPECT_FALSE(change->delta);
  EXPECT_EQ(change->numbers.keyring, state.numbers.keyring + 1);
  apply_change(state, std::move(*change), 5'001);
  EXPECT_TRUE(state.deltas.empty());
}

TEST(Change, ARevokedKeyIsRestrictedInTheSameTransaction) {
  auto state = full_log();
  auto wish = new_key("a");
  wish.keys[0].revoked = true;
  const auto change = compile_change(state, std::move(wish));
  ASSERT_TRUE(change);
  EXPECT_TRUE(change->restrictions->revoked_keys.contains("a"));
  EXPECT_EQ(change->restrictions->version.number, 10u);
  EXPECT_EQ(change->delta->revoked, std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace portolan::control
