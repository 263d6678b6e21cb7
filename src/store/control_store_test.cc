#include "store/control_store.h"

#include <gtest/gtest.h>

#include <memory>

#include "runtime/combine.h"
#include "runtime/wait.h"
#include "store/sqlite_control_store.h"
#include "virtual/universe.h"
#include "virtual/virtual_shard.h"

// What any ControlStore does, whatever it stands on. Another form joins by
// another way to open it.
namespace portolan::store {
namespace {

using runtime::Task;
using virtual_time::Universe;
using virtual_time::VirtualShard;

constexpr std::uint64_t small_history = 10;

Task<Result<std::unique_ptr<ControlStore>>> open_store(runtime::Shard& shard) {
  SqliteControlStore::Options options;
  options.path = ":memory:";
  options.history_max = small_history;
  auto opened = co_await SqliteControlStore::open(shard, options);
  check(opened.has_value(), "a store in memory opens");
  co_return std::unique_ptr<ControlStore>(std::move(*opened));
}

struct ControlStoreTest : ::testing::Test {
  using Story = Task<void> (*)(VirtualShard& shard, ControlStore& store);

  void play(Story story) {
    Universe universe(1);
    auto& shard = universe.add_machine("control");
    auto whole = [](VirtualShard& on, Story told) -> Task<void> {
      auto store = co_await open_store(on);
      co_await told(on, **store);
      co_await (*store)->close();
    };
    EXPECT_TRUE(universe.run(whole(shard, story), Duration::hours(1)));
  }
};

Transaction put(std::string key, std::string value) {
  Transaction transaction;
  transaction.puts.push_back({.key = std::move(key), .value = std::move(value)});
  return transaction;
}

Transaction remove(std::string key) {
  Transaction transaction;
  transaction.deletes.push_back(std::move(key));
  return transaction;
}

// The revision that the change got.
Task<std::uint64_t> keep(ControlStore& store, Transaction transaction) {
  const auto revision = co_await store.commit(std::move(transaction));
  check(revision.has_value(), "the store takes a change");
  co_return *revision;
}

Task<std::uint64_t> keep(ControlStore& store, const char* key, const char* value) {
  const auto revision = co_await keep(store, put(key, value));
  co_return revision;
}

Task<Range> read(ControlStore& store, std::string prefix, std::uint64_t revision = 0) {
  auto range = co_await store.range({std::move(prefix), revision});
  check(range.has_value(), "the store answers");
  co_return *range;
}

TEST_F(ControlStoreTest, ACompareThatDoesNotHoldChangesNothing) {
  play([](VirtualShard&, ControlStore& store) -> Task<void> {
    co_await keep(store, "a", "1");
    auto lost = put("b", "2");
    lost.deletes = {"a"};
    lost.compares = {{"a", 1}, {"c", 9}};
    const auto outcome = co_await store.commit(lost);
    EXPECT_EQ(outcome.error().code, Code::resource_conflict);
    EXPECT_NE(outcome.error().message.find("'c'"), std::string::npos);
    const auto after = co_await store.range({});
    EXPECT_EQ(*after, (Range{{{"a", "1", 1, 1}}, 1}));
  });
}

TEST_F(ControlStoreTest, TheSecondOfTwoWritersFromOneRevisionLoses) {
  play([](VirtualShard&, ControlStore& store) -> Task<void> {
    auto first = put("a", "first");
    first.compares = {{"a", 0}};
    auto other = put("a", "other");
    other.compares = {{"a", 0}};
    const auto raced = co_await runtime::race(store.commit(first), store.commit(other));
    EXPECT_TRUE(raced.first && raced.first->has_value());
    const auto again = co_await store.commit(other);
    EXPECT_EQ(again.error().code, Code::resource_conflict);
    const auto after = co_await store.range({});
    EXPECT_EQ(after->items.at(0).value, "first");
  });
}

TEST_F(ControlStoreTest, AValueOverTheLimitIsRefused) {
  play([](VirtualShard&, ControlStore& store) -> Task<void> {
    const auto outcome =
        co_await store.commit(put("a", std::string(store_value_bytes_max.count() + 1, 'x')));
    EXPECT_EQ(outcome.error().code, Code::limit_exceeded);
  });
}

TEST_F(ControlStoreTest, WhatWasCompactedIsRefusedClearly) {
  play([](VirtualShard&, ControlStore& store) -> Task<void> {
    for (int i = 0; i < 30; ++i) co_await keep(store, put("a", std::to_string(i)));
    const auto range = co_await store.range({"", 3});
    EXPECT_EQ(range.error().code, Code::stale_version);
    const auto changes = co_await store.watch({"", 2}, Instant{0});
    EXPECT_EQ(changes.error().code, Code::stale_version);
    const auto kept = co_await store.range({"", 30 - small_history});
    EXPECT_EQ(kept->items.at(0).value, "19");
    const auto seen = co_await store.watch({"", 25}, Instant::never());
    EXPECT_EQ(seen->items.size(), 6u);
  });
}

TEST_F(ControlStoreTest, ARevisionToComeIsRefused) {
  play([](VirtualShard&, ControlStore& store) -> Task<void> {
    const auto range = co_await store.range({"", 1});
    EXPECT_EQ(range.error().code, Code::invalid_parameter);
  });
}

TEST_F(ControlStoreTest, AnOlderRevisionIsReadAsItWas) {
  play([](VirtualShard&, ControlStore& store) -> Task<void> {
    co_await keep(store, "k/a", "1");
    co_await keep(store, "k/b", "2");
    co_await keep(store, remove("k/a"));
    co_await keep(store, "k/a", "3");
    const Range second{{{"k/a", "1", 1, 1}, {"k/b", "2", 2, 2}}, 2};
    const Range third{{{"k/b", "2", 2, 2}}, 3};
    const Range newest{{{"k/a", "3", 4, 4}, {"k/b", "2", 2, 2}}, 4};
    const auto at_second = co_await read(store, "k/", 2);
    const auto at_third = co_await read(store, "k/", 3);
    const auto at_newest = co_await read(store, "k/");
    EXPECT_EQ(at_second, second);
    EXPECT_EQ(at_third, third);
    EXPECT_EQ(at_newest, newest);
  });
}

TEST_F(ControlStoreTest, APrefixIsExactForAnyBytes) {
  play([](VirtualShard&, ControlStore& store) -> Task<void> {
    Transaction many;
    for (const char* key : {"a", "a\xff", "a\xff\xff", "b", "A", "a/x"}) {
      many.puts.push_back({.key = key, .value = std::string("\0v", 2)});
    }
    many.puts.push_back({.key = std::string("a\0b", 3), .value = ""});
    co_await keep(store, many);
    const auto a = co_await store.range({"a", 0});
    EXPECT_EQ(a->items.size(), 5u);
    const auto high = co_await store.range({"a\xff", 0});
    EXPECT_EQ(high->items.size(), 2u);
    const auto nul = co_await store.range({std::string("a\0", 2), 0});
    EXPECT_EQ(nul->items.size(), 1u);
    EXPECT_EQ(a->items.front().value, std::string("\0v", 2));
  });
}

// Pages of two until one is not full.
Task<Range> read_in_pages(ControlStore& store, std::string prefix, std::uint64_t revision) {
  Range whole;
  whole.revision = revision;
  for (std::size_t pages = 1; pages < 100; ++pages) {
    const std::string after = whole.items.empty() ? "" : whole.items.back().key;
    auto page = co_await store.range({prefix, revision, after, 2});
    check(page.has_value(), "the store answers");
    EXPECT_EQ(page->revision, revision);
    EXPECT_LE(page->items.size(), 2u);
    whole.items.insert(whole.items.end(), page->items.begin(), page->items.end());
    if (page->items.size() < 2) break;
  }
  co_return whole;
}

TEST_F(ControlStoreTest, PagesOfARevisionAreTheWholeOfItWhateverIsChangedMeanwhile) {
  play([](VirtualShard&, ControlStore& store) -> Task<void> {
    Transaction many;
    for (const char* key : {"a", "k", "k/a", "k/b", "k/b\xff", "k/c", "k0", "z\xff"}) {
      many.puts.push_back({.key = key, .value = "1"});
    }
    many.puts.push_back({.key = std::string("k/b\0", 4), .value = "1"});
    const auto revision = co_await keep(store, many);
    auto later = put("k/aa", "2");
    later.deletes = {"k/c"};
    co_await keep(store, later);
    for (const char* prefix : {"", "k/", "k/b", "z\xff", "none"}) {
      const auto whole = co_await read(store, prefix, revision);
      const auto pages = co_await read_in_pages(store, prefix, revision);
      EXPECT_EQ(pages, whole) << prefix;
    }
  });
}

TEST_F(ControlStoreTest, WhatChangesNothingGetsNoRevision) {
  play([](VirtualShard&, ControlStore& store) -> Task<void> {
    const auto nothing = co_await keep(store, remove("nothing"));
    EXPECT_EQ(nothing, 0u);
    const auto put_once = co_await keep(store, "a", "1");
    const auto removed = co_await keep(store, remove("a"));
    const auto removed_again = co_await keep(store, remove("a"));
    EXPECT_EQ(put_once, 1u);
    EXPECT_EQ(removed, 2u);
    EXPECT_EQ(removed_again, 2u);
  });
}

TEST_F(ControlStoreTest, AWatchSeesEveryChangeOnceAndInOrder) {
  play([](VirtualShard&, ControlStore& store) -> Task<void> {
    co_await keep(store, "k/a", "1");
    co_await keep(store, "other", "x");
    auto both = put("k/b", "2");
    both.deletes = {"k/a"};
    co_await keep(store, both);
    const auto seen = co_await store.watch({"k/", 1}, Instant::never());
    const Changes all{{{"k/a", "1", 1}, {"k/a", std::nullopt, 3}, {"k/b", "2", 3}}, 4};
    EXPECT_EQ(*seen, all);
  });
}

Task<void> commit_later(runtime::Shard& shard, ControlStore& store) {
  const auto slept = co_await runtime::sleep_for(shard, Duration::seconds(5));
  EXPECT_TRUE(slept);
  co_await keep(store, "other", "not of interest");
  co_await keep(store, "k/a", "now");
}

TEST_F(ControlStoreTest, AWatchWaitsForItsPrefix) {
  play([](VirtualShard& shard, ControlStore& store) -> Task<void> {
    runtime::Gate beside(shard, 1);
    EXPECT_TRUE(beside.start(commit_later(shard, store)));
    const Instant began = shard.now();
    const auto seen = co_await store.watch({"k/", 1}, began + Duration::seconds(60));
    EXPECT_GE(shard.now() - began, Duration::seconds(5));
    const Changes expected{{{"k/a", "now", 2}}, 3};
    EXPECT_EQ(*seen, expected);
    co_await beside.drain();
  });
}

TEST_F(ControlStoreTest, AWatchHasNothingAtItsDeadline) {
  play([](VirtualShard& shard, ControlStore& store) -> Task<void> {
    const auto seen = co_await store.watch({"", 1}, shard.now() + Duration::seconds(3));
    const Changes expected{{}, 1};
    EXPECT_EQ(*seen, expected);
  });
}

TEST_F(ControlStoreTest, KeysOfALeaseGoWhenItEnds) {
  play([](VirtualShard& shard, ControlStore& store) -> Task<void> {
    const auto lease = co_await store.grant_lease(Duration::seconds(10));
    auto leased = put("alive", "1");
    leased.puts[0].lease = *lease;
    leased.puts.push_back({.key = "stays", .value = "2"});
    co_await keep(store, leased);
    const auto first_nap = co_await runtime::sleep_for(shard, Duration::seconds(8));
    const auto alive = co_await store.keep_alive(*lease);
    EXPECT_TRUE(alive);
    const auto other_nap = co_await runtime::sleep_for(shard, Duration::seconds(8));
    EXPECT_TRUE(first_nap && other_nap);
    const auto kept = co_await store.range({});
    EXPECT_EQ(kept->items.size(), 2u);
    const auto gone = co_await store.watch({"", 2}, shard.now() + Duration::seconds(5));
    const Changes expected{{{"alive", std::nullopt, 2}}, 3};
    EXPECT_EQ(*gone, expected);
    const auto too_late = co_await store.keep_alive(*lease);
    const auto refused = co_await store.commit(leased);
    EXPECT_EQ(too_late.error().code, Code::resource_not_found);
    EXPECT_EQ(refused.error().code, Code::resource_not_found);
  });
}

TEST_F(ControlStoreTest, ARevokedLeaseTakesItsKeysAlong) {
  play([](VirtualShard&, ControlStore& store) -> Task<void> {
    const auto lease = co_await store.grant_lease(Duration::seconds(10));
    auto leased = put("alive", "1");
    leased.puts[0].lease = *lease;
    co_await keep(store, leased);
    const auto revoked = co_await store.revoke_lease(*lease);
    const auto again = co_await store.revoke_lease(*lease);
    EXPECT_TRUE(revoked);
    EXPECT_EQ(again.error().code, Code::resource_not_found);
    const auto after = co_await store.range({});
    EXPECT_EQ(*after, (Range{{}, 2}));
  });
}

}  // namespace
}  // namespace portolan::store
