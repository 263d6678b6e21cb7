#include "model/key_table.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include "base/random.h"

namespace portolan::model {
namespace {

KeyRecord key(std::uint64_t number, bool revoked = false) {
  KeyRecord made;
  made.id = "k" + std::to_string(number);
  made.workspace = "eu";
  made.revoked = revoked;
  return made;
}

std::vector<KeyRecord> keys(std::uint64_t count) {
  std::vector<KeyRecord> made;
  for (std::uint64_t i = 0; i < count; ++i) made.push_back(key(i));
  return made;
}

using Oracle = std::map<std::string, KeyRecord>;

// By every way to look at it.
void expect_is(const KeyTable& table, const Oracle& oracle) {
  ASSERT_EQ(table.size(), oracle.size());
  const auto sorted = table.sorted();
  ASSERT_EQ(sorted.size(), oracle.size());
  std::size_t at = 0;
  std::vector<KeyRecord> all;
  for (const auto& [id, record] : oracle) {
    EXPECT_EQ(*sorted[at++], record);
    ASSERT_NE(table.find(id), nullptr) << id;
    EXPECT_EQ(*table.find(id), record);
    all.push_back(record);
  }
  EXPECT_EQ(table.find("nobody"), nullptr);
  EXPECT_TRUE(table == *KeyTable::make(all));
}

TEST(KeyTable, RefusesAnIdThatIsThereTwice) {
  for (const std::uint64_t count : {2u, 47u, 1'000u}) {
    auto twice = keys(count);
    twice.push_back(key(count / 2, true));
    const auto made = KeyTable::make(twice);
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().code, Code::invalid_resource);
    EXPECT_NE(made.error().message.find(twice.back().id), std::string::npos);
  }
}

TEST(KeyTable, FindsNothingInNone) {
  const KeyTable none;
  EXPECT_EQ(none.size(), 0u);
  EXPECT_EQ(none.find("k1"), nullptr);
  EXPECT_TRUE(none.sorted().empty());
  EXPECT_TRUE(none == *KeyTable::make({}));
  EXPECT_TRUE(none.with(std::vector<const KeyRecord*>{}) == none);
}

TEST(KeyTable, TellsWhatDiffersInOneKey) {
  const auto table = *KeyTable::make(keys(500));
  EXPECT_FALSE(table == table.with(key(250, true)));
  EXPECT_FALSE(table == table.with(key(500)));
  EXPECT_FALSE(*KeyTable::make(keys(499)) == table);
  EXPECT_TRUE(table == table.with(key(250)));
}

TEST(KeyTable, OfOneIdTheLastChangeCounts) {
  const KeyRecord first = key(7);
  const KeyRecord last = key(7, true);
  const KeyRecord* changes[] = {&first, &last};
  EXPECT_TRUE(KeyTable().with(changes).find("k7")->revoked);
}

TEST(KeyTable, AnyChangesLeadToWhatIsMadeFromScratch) {
  Random random(11);
  for (int round = 0; round < 24; ++round) {
    const std::uint64_t ids = 1 + random.below(round < 20 ? 120 : 2'000);
    Oracle oracle;
    for (std::uint64_t i = random.below(ids + 1); i > 0; --i)
      oracle["k" + std::to_string(i)] = key(i);
    std::vector<KeyRecord> begin;
    for (const auto& [id, record] : oracle) begin.push_back(record);
    KeyTable table = *KeyTable::make(begin);
    for (int step = 0; step < 12; ++step) {
      const KeyTable before = table;
      const Oracle before_oracle = oracle;
      std::vector<KeyRecord> changes;
      for (std::uint64_t i = random.below(step == 5 ? 200 : 4); i > 0; --i) {
        changes.push_back(key(random.below(ids), random.chance(0.5)));
      }
      std::vector<const KeyRecord*> pointers;
      for (const KeyRecord& change : changes) pointers.push_back(&change);
      table = before.with(pointers);
      for (const KeyRecord& change : changes) oracle[change.id] = change;
      ASSERT_NO_FATAL_FAILURE(expect_is(table, oracle)) << "round " << round;
      ASSERT_NO_FATAL_FAILURE(expect_is(before, before_oracle)) << "round " << round;
    }
  }
}

// One by one, each leaf is full once before it parts.
TEST(KeyTable, KeysThatComeOneByOneAreAllThere) {
  KeyTable table;
  Oracle oracle;
  for (const KeyRecord& each : keys(1'000)) {
    table = table.with(each);
    oracle[each.id] = each;
    ASSERT_EQ(table.size(), oracle.size());
  }
  expect_is(table, oracle);
}

TEST(KeyTable, AChangeCopiesItsLeafAlone) {
  const auto table = *KeyTable::make(keys(20'000));
  for (const KeyRecord& change : {key(777, true), key(20'001)}) {
    const auto next = table.with(change);
    std::size_t copied = 0;
    table.for_each([&](const KeyRecord& each) { copied += next.find(each.id) != &each ? 1 : 0; });
    EXPECT_LE(copied, KeyTable::leaf_keys_max);
    EXPECT_EQ(*next.find(change.id), change);
  }
}

}  // namespace
}  // namespace portolan::model
