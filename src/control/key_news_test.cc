#include "control/key_news.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "control/audit.h"
#include "control/change.h"
#include "control/control_stage_test_support.h"
#include "control/state_codec.h"

namespace portolan::control {
namespace {

using Changes = std::vector<store::Change>;

model::KeyRecord key(std::string id, bool revoked = false) {
  model::KeyRecord made;
  made.id = std::move(id);
  made.workspace = "eu";
  made.revoked = revoked;
  return made;
}

Wish wish_of(model::KeyRecord record) {
  Wish wish;
  wish.keys.push_back(std::move(record));
  return wish;
}

// Two keys, and as many deltas as are kept but one.
State begin() {
  State state;
  state.revision = 10;
  state.numbers = {"net", 2, 7, "world", 1, 3};
  state.restrictions.version = state.numbers.of(3);
  state.keys = {{"a", key("a")}, {"b", key("b")}};
  while (state.deltas.size() + 1 < keyring_deltas_max.count()) {
    state.deltas.push_back({.number = ++state.numbers.keyring, .payload = "", .revoked = {}});
  }
  return state;
}

Documents documents_of(const State& state) {
  Documents documents;
  for (const auto& delta : state.deltas) documents.deltas.emplace_back(delta.number, nullptr);
  return documents;
}

// What a store tells of that transaction.
void add_changes(Changes& changes, const store::Transaction& transaction, std::uint64_t revision) {
  for (const auto& put : transaction.puts) changes.push_back({put.key, put.value, revision});
  for (const auto& gone : transaction.deletes) changes.push_back({gone, std::nullopt, revision});
}

// Makes it true in `state`, as the control that was asked for it does.
void change(State& state, Wish wish, Changes& changes) {
  auto compiled = compile_change(state, std::move(wish));
  check(compiled.has_value(), "a change of keys");
  AuditFacts facts;
  facts.act = Act::create_key;
  facts.numbers = compiled->numbers;
  const std::uint64_t revision = state.revision + 1;
  auto end = add_audit(state, facts, compiled->transaction);
  add_changes(changes, compiled->transaction, revision);
  apply_change(state, std::move(*compiled), revision);
  state.audit = std::move(end);
  state.audit.revision = revision;
}

const seal::Signer& signer() {
  static const seal::Signer made = testing::options_of("net").signer;
  return made;
}

void expect_same(const State& told, const State& state) {
  EXPECT_EQ(told.numbers, state.numbers);
  EXPECT_EQ(told.revision, state.revision);
  EXPECT_EQ(told.keys, state.keys);
  EXPECT_EQ(told.restrictions, state.restrictions);
  EXPECT_EQ(told.audit.head, state.audit.head);
  EXPECT_EQ(told.audit.revision, state.audit.revision);
  ASSERT_EQ(told.deltas.size(), state.deltas.size());
  for (std::size_t i = 0; i < told.deltas.size(); ++i) {
    EXPECT_EQ(told.deltas[i].number, state.deltas[i].number);
    EXPECT_EQ(told.deltas[i].payload, state.deltas[i].payload);
    EXPECT_EQ(told.deltas[i].revoked, state.deltas[i].revoked);
  }
}

TEST(KeyNews, AnythingElseIsReadFromTheStore) {
  const State before = begin();
  for (const auto* other : {"resource/Scope/eu", "rollout", "restored", "admin-key", "zone-key/a",
                            "migration", "anything"}) {
    State state = before;
    Changes changes;
    change(state, wish_of(key("c")), changes);
    EXPECT_TRUE(read_key_news(before, changes)) << "without " << other;
    changes.push_back({other, "x", state.revision});
    EXPECT_FALSE(read_key_news(before, changes)) << other;
  }
}

TEST(KeyNews, WhatDoesNotLeadOnIsReadFromTheStore) {
  State state = begin();
  Changes missed;
  change(state, wish_of(key("c")), missed);
  const State between = state;
  Changes changes;
  change(state, wish_of(key("d")), changes);
  EXPECT_TRUE(read_key_news(between, changes));
  EXPECT_FALSE(read_key_news(begin(), changes)) << "a delta is missing";
  Changes unrecorded = changes;
  std::erase_if(unrecorded, [](const auto& one) { return one.key.starts_with(audit_prefix); });
  EXPECT_FALSE(read_key_news(between, unrecorded)) << "an entry of the audit log is missing";
  Changes gap = missed;
  std::erase_if(gap, [](const auto& one) { return one.key.starts_with(delta_prefix); });
  gap.insert(gap.end(), changes.begin(), changes.end());
  EXPECT_FALSE(read_key_news(begin(), gap)) << "all entries are there, and a delta is missing";
  EXPECT_FALSE(read_key_news(between, {}));
  State other = between;
  other.numbers.epoch = 1;
  EXPECT_FALSE(read_key_news(other, changes)) << "of another epoch";
  other = between;
  other.numbers.world = 6;
  EXPECT_FALSE(read_key_news(other, changes)) << "of another World";
  other = between;
  other.rollout.emplace();
  EXPECT_EQ(read_key_news(other, changes).has_value(), !other.rolling_out());
  changes.push_back({key_key("d"), std::nullopt, state.revision});
  EXPECT_FALSE(read_key_news(between, changes)) << "no key is ever deleted";
}

TEST(KeyNews, LeadToWhatTheOtherControlHolds) {
  Random random(3);
  for (int round = 0; round < 20; ++round) {
    State state = begin();
    State told = begin();
    Documents documents = documents_of(told);
    std::vector<std::string> ids = {"a", "b"};
    for (int batch = 0; batch < 4; ++batch) {
      Changes changes;
      for (std::uint64_t i = 1 + random.below(3); i > 0; --i) {
        if (random.chance(0.5)) {
          ids.push_back("k" + std::to_string(ids.size()));
          change(state, wish_of(key(ids.back())), changes);
        } else {
          change(state, wish_of(key(ids[random.below(ids.size())], true)), changes);
        }
      }
      auto news = read_key_news(told, changes);
      ASSERT_TRUE(news);
      apply_key_news(told, documents, std::move(*news), signer());
      ASSERT_NO_FATAL_FAILURE(expect_same(told, state)) << "round " << round;
      ASSERT_EQ(documents.deltas.size(), told.deltas.size());
      EXPECT_EQ(documents.deltas.front().first, told.deltas.front().number);
      State last = state;
      last.deltas = {state.deltas.back()};
      const auto sealed = seal_all(last, signer());
      EXPECT_EQ(*documents.deltas.back().second, *sealed.deltas.back().second);
      if (documents.restrictions) EXPECT_EQ(*documents.restrictions, *sealed.restrictions);
    }
  }
}

}  // namespace
}  // namespace portolan::control
