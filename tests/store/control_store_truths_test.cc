#include <fmt/format.h>

#include "back_ends.h"
#include "runtime/combine.h"
#include "runtime/gate.h"

// What any ControlStore does, whatever it stands on.
namespace portolan::store::testing {
namespace {

struct AnyControlStore : ::testing::TestWithParam<BackEnd> {
  using Story = Task<void> (*)(EpollShard& shard, ControlStore& store);

  static Task<void> tell(EpollShard& shard, BackEnd back_end, std::uint64_t history, Story story) {
    std::unique_ptr<ControlStore> store;
    if (back_end == BackEnd::sqlite) {
      store = co_await open_sqlite(shard, history);
    } else {
      co_await cluster().settle(shard);
      auto options = etcd_options(cluster().addresses(), fresh_prefix());
      options.members.patience = Duration::seconds(60);  // how fast it is, is no truth
      options.history_max = history;
      store = co_await open_etcd(shard, options);
    }
    co_await story(shard, *store);
    co_await store->close();
  }

  void play(Story story, std::uint64_t history = store_history_max.value) {
    EpollShard shard;
    shard.run(tell(shard, GetParam(), history, story));
  }
};

INSTANTIATE_TEST_SUITE_P(BackEnds, AnyControlStore,
                         ::testing::Values(BackEnd::sqlite, BackEnd::etcd), [](const auto& which) {
                           return which.param == BackEnd::sqlite ? "Sqlite" : "Etcd";
                         });

TEST_P(AnyControlStore, ACompareThatDoesNotHoldChangesNothing) {
  play([](EpollShard&, ControlStore& store) -> Task<void> {
    const auto first = co_await keep(store, "a", "1");
    auto lost = put("b", "2");
    lost.deletes = {"a"};
    lost.compares = {{"a", first}, {"c", 9}};
    const auto outcome = co_await store.commit(lost);
    EXPECT_EQ(outcome.error().code, Code::resource_conflict);
    EXPECT_NE(outcome.error().message.find("'c'"), std::string::npos) << outcome.error().message;
    const auto after = co_await read(store, "");
    EXPECT_EQ(after, (Range{{{"a", "1", first, first}}, first}));
  });
}

TEST_P(AnyControlStore, TheSecondOfTwoWritersFromOneRevisionLoses) {
  play([](EpollShard&, ControlStore& store) -> Task<void> {
    auto first = put("a", "first");
    first.compares = {{"a", 0}};
    auto other = put("a", "other");
    other.compares = {{"a", 0}};
    co_await keep(store, first);
    const auto again = co_await store.commit(other);
    EXPECT_EQ(again.error().code, Code::resource_conflict);
    const auto after = co_await read(store, "");
    EXPECT_EQ(after.items.at(0).value, "first");
  });
}

TEST_P(AnyControlStore, AValueOverTheLimitIsRefused) {
  play([](EpollShard&, ControlStore& store) -> Task<void> {
    auto large = put("a", std::string(store_value_bytes_max.count() + 1, 'x'));
    const auto outcome = co_await store.commit(large);
    EXPECT_EQ(outcome.error().code, Code::limit_exceeded);
    const auto widest = put("a", std::string(store_value_bytes_max.count(), 'x'));
    const auto revision = co_await keep(store, widest);
    const auto after = co_await read(store, "");
    EXPECT_EQ(after.items.at(0).mod_revision, revision);
    EXPECT_EQ(after.items.at(0).value.size(), store_value_bytes_max.count());
  });
}

TEST_P(AnyControlStore, WhatWasCompactedIsRefusedClearly) {
  const auto story = [](EpollShard& shard, ControlStore& store) -> Task<void> {
    const auto first = co_await keep(store, "a", "0");
    std::uint64_t last = first;
    for (int i = 1; i < 30; ++i) {
      auto next = put("a", std::to_string(i));
      last = co_await keep(store, next);
    }
    EXPECT_EQ(last, first + 29);
    const auto range = co_await store.range({"", first + 2});
    EXPECT_EQ(range.error().code, Code::stale_version);
    const auto changes = co_await store.watch({"", first + 1}, soon(shard));
    EXPECT_EQ(changes.error().code, Code::stale_version);
    const auto kept = co_await read(store, "", last - small_history);
    EXPECT_EQ(kept.items.at(0).value, "19");
    // Of a full resync: the newest state, and what comes behind it.
    const auto whole = co_await read(store, "");
    co_await keep(store, "a", "30");
    const auto seen = co_await store.watch({"", whole.revision + 1}, soon(shard));
    EXPECT_EQ(seen->items.at(0).value, "30");
  };
  play(story, small_history);
}

TEST_P(AnyControlStore, ARevisionToComeIsRefused) {
  play([](EpollShard&, ControlStore& store) -> Task<void> {
    const auto newest = co_await read(store, "");
    const auto range = co_await store.range({"", newest.revision + 100});
    EXPECT_EQ(range.error().code, Code::invalid_parameter);
  });
}

TEST_P(AnyControlStore, AnOlderRevisionIsReadAsItWas) {
  play([](EpollShard&, ControlStore& store) -> Task<void> {
    const auto r1 = co_await keep(store, "k/a", "1");
    const auto r2 = co_await keep(store, "k/b", "2");
    const auto r3 = co_await keep(store, remove("k/a"));
    const auto r4 = co_await keep(store, "k/a", "3");
    const Range second{{{"k/a", "1", r1, r1}, {"k/b", "2", r2, r2}}, r2};
    const Range third{{{"k/b", "2", r2, r2}}, r3};
    const Range newest{{{"k/a", "3", r4, r4}, {"k/b", "2", r2, r2}}, r4};
    const auto at_second = co_await read(store, "k/", r2);
    const auto at_third = co_await read(store, "k/", r3);
    const auto at_newest = co_await read(store, "k/");
    EXPECT_EQ(at_second, second);
    EXPECT_EQ(at_third, third);
    EXPECT_EQ(at_newest, newest);
  });
}

TEST_P(AnyControlStore, APrefixIsExactForAnyBytes) {
  play([](EpollShard&, ControlStore& store) -> Task<void> {
    Transaction many;
    for (const char* key : {"a", "a\xff", "a\xff\xff", "b", "A", "a/x"}) {
      many.puts.push_back({.key = key, .value = std::string("\0v", 2)});
    }
    many.puts.push_back({.key = std::string("a\0b", 3), .value = ""});
    co_await keep(store, many);
    const auto all = co_await read(store, "");
    EXPECT_EQ(all.items.size(), 7u);
    const auto a = co_await read(store, "a");
    EXPECT_EQ(a.items.size(), 5u);
    const auto high = co_await read(store, "a\xff");
    EXPECT_EQ(high.items.size(), 2u);
    const auto nul = co_await read(store, std::string("a\0", 2));
    EXPECT_EQ(nul.items.size(), 1u);
    EXPECT_EQ(a.items.front().value, std::string("\0v", 2));
  });
}

// Pages of two until one is not full.
Task<Range> read_in_pages(ControlStore& store, std::string prefix, std::uint64_t revision) {
  Range whole;
  whole.revision = revision;
  for (std::size_t pages = 1; pages < 100; ++pages) {
    const std::string after = whole.items.empty() ? "" : whole.items.back().key;
    RangeRequest request{prefix, revision, after, 2};
    auto page = co_await store.range(std::move(request));
    check(page.has_value(), "the store answers");
    EXPECT_EQ(page->revision, revision);
    EXPECT_LE(page->items.size(), 2u);
    whole.items.insert(whole.items.end(), page->items.begin(), page->items.end());
    if (page->items.size() < 2) break;
  }
  co_return whole;
}

TEST_P(AnyControlStore, PagesOfARevisionAreTheWholeOfItWhateverIsChangedMeanwhile) {
  play([](EpollShard&, ControlStore& store) -> Task<void> {
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

TEST_P(AnyControlStore, WhatBeginsBehindARevisionNeverHasAnEarlierOne) {
  play([](EpollShard& shard, ControlStore& store) -> Task<void> {
    const auto earlier = co_await keep(store, "a", "of another life");
    const auto refused = co_await store.begin_behind(earlier + 1'000);
    EXPECT_EQ(refused.error().code, Code::resource_conflict);
    co_await keep(store, remove("a"));
    const auto base = earlier + 1'000'000;
    const auto begun = co_await store.begin_behind(base);
    EXPECT_TRUE(begun) << begun.error().message;
    const auto lower = co_await store.begin_behind(base - 10);
    EXPECT_TRUE(lower) << lower.error().message;
    const auto first = co_await keep(store, "a", "1");
    EXPECT_GT(first, base);
    auto stale = put("a", "2");
    stale.compares = {{"a", earlier}};
    const auto lost = co_await store.commit(stale);
    EXPECT_EQ(lost.error().code, Code::resource_conflict) << lost.error().message;
    auto next = put("a", "2");
    next.compares = {{"a", first}};
    const auto second = co_await keep(store, next);
    const auto newest = co_await read(store, "");
    EXPECT_EQ(newest, (Range{{{"a", "2", first, second}}, second}));
    const auto old = co_await read(store, "", first);
    EXPECT_EQ(old, (Range{{{"a", "1", first, first}}, first}));
    const auto seen = co_await store.watch({"", first}, soon(shard));
    EXPECT_EQ(*seen, (Changes{{{"a", "1", first}, {"a", "2", second}}, second + 1}));
    const auto before = co_await store.range({"", earlier});
    EXPECT_EQ(before.error().code, Code::stale_version);
    const auto gone = co_await store.watch({"", earlier}, soon(shard));
    EXPECT_EQ(gone.error().code, Code::stale_version);
  });
}

TEST_P(AnyControlStore, WhatChangesNothingIsNoChange) {
  play([](EpollShard& shard, ControlStore& store) -> Task<void> {
    const auto first = co_await keep(store, "a", "1");
    const auto removed = co_await keep(store, remove("a"));
    EXPECT_GT(removed, first);
    const auto again = co_await keep(store, remove("a"));
    EXPECT_GE(again, removed);
    const auto seen = co_await store.watch({"", first}, soon(shard));
    const Changes all{{{"a", "1", first}, {"a", std::nullopt, removed}}, removed + 1};
    EXPECT_EQ(seen->items, all.items);
  });
}

TEST_P(AnyControlStore, AWatchSeesEveryChangeOnceAndInOrder) {
  play([](EpollShard& shard, ControlStore& store) -> Task<void> {
    const auto first = co_await keep(store, "k/a", "1");
    co_await keep(store, "other", "x");
    auto both = put("k/b", "2");
    both.puts.push_back({.key = "k/c", .value = "3"});
    both.deletes = {"k/a"};
    const auto last = co_await keep(store, both);
    const auto seen = co_await store.watch({"k/", first}, soon(shard));
    const Changes all{
        {{"k/a", "1", first}, {"k/a", std::nullopt, last}, {"k/b", "2", last}, {"k/c", "3", last}},
        last + 1};
    EXPECT_EQ(*seen, all);
    // From the middle: neither again nor less.
    const auto rest = co_await store.watch({"k/", first + 1}, soon(shard));
    EXPECT_EQ(rest->items.size(), 3u);
  });
}

TEST_P(AnyControlStore, ThousandsOfKeysChangeTogether) {
  play([](EpollShard& shard, ControlStore& store) -> Task<void> {
    Transaction many;
    for (int i = 0; i < 2'000; ++i) {
      many.puts.push_back({.key = fmt::format("many/{:05}", i), .value = std::to_string(i)});
    }
    many.compares = {{"many/00000", 0}};
    const auto revision = co_await keep(store, many);
    const auto read_back = co_await read(store, "many/");
    EXPECT_EQ(read_back.items.size(), 2'000u);
    for (const auto& item : read_back.items) EXPECT_EQ(item.mod_revision, revision);
    const auto seen = co_await store.watch({"many/", revision}, soon(shard));
    EXPECT_EQ(seen->items.size(), 2'000u);
    EXPECT_EQ(seen->next, revision + 1);
    const auto lost = co_await store.commit(many);
    EXPECT_EQ(lost.error().code, Code::resource_conflict);
  });
}

Task<void> commit_later(runtime::Shard& shard, ControlStore& store, std::uint64_t& revision) {
  co_await nap(shard, Duration::milliseconds(500));
  co_await keep(store, "other", "not of interest");
  revision = co_await keep(store, "k/a", "now");
}

TEST_P(AnyControlStore, AWatchWaitsForItsPrefix) {
  play([](EpollShard& shard, ControlStore& store) -> Task<void> {
    const auto begun = co_await read(store, "");
    runtime::Gate beside(shard, 1);
    std::uint64_t revision = 0;
    EXPECT_TRUE(beside.start(commit_later(shard, store, revision)));
    const auto seen = co_await store.watch({"k/", begun.revision + 1}, soon(shard));
    co_await beside.drain();
    const Changes expected{{{"k/a", "now", revision}}, revision + 1};
    EXPECT_EQ(*seen, expected);
  });
}

TEST_P(AnyControlStore, AWatchHasNothingAtItsDeadline) {
  play([](EpollShard& shard, ControlStore& store) -> Task<void> {
    const auto begun = co_await read(store, "");
    const Instant deadline = shard.now() + Duration::milliseconds(300);
    const auto seen = co_await store.watch({"", begun.revision + 1}, deadline);
    const Changes expected{{}, begun.revision + 1};
    EXPECT_EQ(*seen, expected);
    EXPECT_GE(shard.now(), deadline);
  });
}

TEST_P(AnyControlStore, KeysOfALeaseGoWhenItEnds) {
  play([](EpollShard& shard, ControlStore& store) -> Task<void> {
    const auto lease = co_await store.grant_lease(Duration::seconds(5));
    auto leased = put("alive", "1", *lease);
    leased.puts.push_back({.key = "stays", .value = "2"});
    const auto revision = co_await keep(store, leased);
    for (int i = 0; i < 11; ++i) {
      co_await nap(shard, Duration::milliseconds(500));
      const auto alive = co_await store.keep_alive(*lease);
      EXPECT_TRUE(alive);
    }
    const auto kept = co_await read(store, "");
    EXPECT_EQ(kept.items.size(), 2u) << "it was kept alive for longer than its time";
    const auto gone = co_await store.watch({"", revision + 1}, soon(shard));
    EXPECT_EQ(gone->items.size(), 1u);
    EXPECT_EQ(gone->items.at(0).key, "alive");
    EXPECT_FALSE(gone->items.at(0).value);
    const auto too_late = co_await store.keep_alive(*lease);
    const auto refused = co_await store.commit(leased);
    EXPECT_EQ(too_late.error().code, Code::resource_not_found);
    EXPECT_EQ(refused.error().code, Code::resource_not_found);
    const auto after = co_await keep(store, "stays", "3");
    EXPECT_GT(after, revision) << "a refused change leaves the store usable";
  });
}

TEST_P(AnyControlStore, ARevokedLeaseTakesItsKeysAlong) {
  play([](EpollShard&, ControlStore& store) -> Task<void> {
    const auto lease = co_await store.grant_lease(Duration::seconds(10));
    const auto revision = co_await keep(store, put("alive", "1", *lease));
    const auto revoked = co_await store.revoke_lease(*lease);
    const auto again = co_await store.revoke_lease(*lease);
    EXPECT_TRUE(revoked);
    EXPECT_EQ(again.error().code, Code::resource_not_found);
    const auto after = co_await read(store, "");
    EXPECT_TRUE(after.items.empty());
    EXPECT_EQ(after.revision, revision + 1);
  });
}

// Adds one, so many times, by compare-and-set from what it reads.
Task<void> count_up(EpollShard& shard, ControlStore& store, int times, int& conflicts) {
  for (int done = 0; done < times;) {
    const auto range = co_await read(store, "counter");
    const int value = range.items.empty() ? 0 : std::stoi(range.items.at(0).value);
    const auto revision = range.items.empty() ? 0 : range.items.at(0).mod_revision;
    auto raised = put("counter", std::to_string(value + 1));
    raised.compares = {{"counter", revision}};
    co_await runtime::yield(shard);  // so that another one may be faster
    const auto outcome = co_await store.commit(raised);
    if (outcome) ++done;
    if (!outcome) {
      EXPECT_EQ(outcome.error().code, Code::resource_conflict) << outcome.error().message;
      ++conflicts;
    }
  }
}

TEST_P(AnyControlStore, NoIncrementOfManyWritersIsLost) {
  play([](EpollShard& shard, ControlStore& store) -> Task<void> {
    runtime::Gate writers(shard, 3);
    int conflicts = 0;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(writers.start(count_up(shard, store, 20, conflicts)));
    co_await writers.drain();
    const auto after = co_await read(store, "counter");
    EXPECT_EQ(after.items.at(0).value, "60");
    EXPECT_GT(conflicts, 0) << "nobody ever met another: this test shows nothing";
  });
}

}  // namespace
}  // namespace portolan::store::testing
