#include "store/ledger_store.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "store/ledger_rows.h"
#include "store/ledger_test_support.h"

// What any LedgerStore does, whatever it stands on.
namespace portolan::store {
namespace {

using namespace testing;

struct LedgerStoreTest : LedgerTest {};

LedgerGap gap(std::uint64_t epoch, std::uint64_t first, std::uint64_t last) {
  return {"gw-1", epoch, first, last, noon};
}

TEST_F(LedgerStoreTest, TheSameRecordAgainIsNothing) {
  play([](LedgerStore& ledger) -> Task<void> {
    auto batch = batch_of(1);
    add(batch, 1, wire::UsageStart{noon, {}});
    add(batch, 2, close_of({.id = "gw-1-1-1"}));
    add(batch, 3, exec_of("gw-1-1-1"));
    const auto first = co_await take(ledger, batch);
    EXPECT_EQ(first.added, 3u);
    for (int i = 0; i < 3; ++i) {
      const auto again = co_await take(ledger, batch);
      EXPECT_EQ(again.added, 0u);
      EXPECT_EQ(again.repeated, 3u);
      EXPECT_EQ(again.through, 3u);
    }
    const auto status = co_await ledger.status();
    EXPECT_EQ(status->requests, 1u);
    EXPECT_EQ(status->executions, 1u);
    EXPECT_EQ(status->conflicts, 0u);
  });
}

TEST_F(LedgerStoreTest, ARequestIsFoundAsItWasBilledFirst) {
  play([](LedgerStore& ledger) -> Task<void> {
    co_await take(ledger, one(1, {.id = "gw-1-1-1", .zone = "par-a", .completion = 5}));
    co_await take(ledger, one(2, {.id = "gw-1-1-1", .completion = 99}));
    auto execution = batch_of(1);
    add(execution, 3, exec_of("gw-1-1-3"));
    co_await take(ledger, execution);
    const auto executed = co_await ledger.find_request("gw-1-1-3");
    EXPECT_EQ(*executed, std::nullopt) << "an execution is not billed";
    const auto found = co_await ledger.find_request("gw-1-1-1");
    const LedgerRequest billed{.id = "gw-1-1-1",
                               .workspace = "eu",
                               .model = "small",
                               .entry_zone = "fra-a",
                               .zone = "par-a",
                               .outcome = "completed",
                               .status = 200,
                               .prompt_tokens = 10,
                               .cached_tokens = 2,
                               .completion_tokens = 5};
    EXPECT_EQ(*found, billed);
  });
}

TEST_F(LedgerStoreTest, AnotherRecordOfTheSameNumberIsAConflictAndChangesNothing) {
  play([](LedgerStore& ledger) -> Task<void> {
    co_await take(ledger, one(1, {.id = "gw-1-1-1", .completion = 5}));
    const auto forged = one(1, {.id = "gw-1-1-1", .completion = 5000}, "forged");
    const auto taken = co_await take(ledger, forged);
    EXPECT_EQ(taken.added, 0u);
    EXPECT_EQ(taken.conflicts, 1u);
    const auto again = co_await take(ledger, forged);
    EXPECT_EQ(again.conflicts, 0u);
    EXPECT_EQ(again.repeated, 1u);
    const auto page = co_await ledger.query({});
    EXPECT_EQ(page->rows.at(0).requests, 1u);
    EXPECT_EQ(page->rows.at(0).completion_tokens, 5u);
    const auto conflicts = co_await ledger.conflicts();
    EXPECT_EQ(conflicts->size(), 1u);
    EXPECT_EQ(conflicts->at(0).reason, conflict_same_number);
    EXPECT_EQ(conflicts->at(0).request_id, "gw-1-1-1");
    EXPECT_EQ(conflicts->at(0).bytes, "bytes of forged");
  });
}

TEST_F(LedgerStoreTest, ARecordOfAnotherKindUnderAKnownNumberIsAConflict) {
  play([](LedgerStore& ledger) -> Task<void> {
    co_await take(ledger, one(1, {.id = "gw-1-1-1"}));
    auto batch = batch_of(1);
    add(batch, 1, exec_of("gw-1-1-1"), "other");
    const auto taken = co_await take(ledger, batch);
    EXPECT_EQ(taken.conflicts, 1u);
    const auto status = co_await ledger.status();
    EXPECT_EQ(status->executions, 0u);
  });
}

TEST_F(LedgerStoreTest, ASecondRecordOfARequestIsAConflictAndNoGap) {
  play([](LedgerStore& ledger) -> Task<void> {
    co_await take(ledger, one(1, {.id = "gw-1-1-1"}));
    const auto taken = co_await take(ledger, one(2, {.id = "gw-1-1-1", .prompt = 99}));
    EXPECT_EQ(taken.conflicts, 1u);
    EXPECT_EQ(taken.through, 2u);
    const auto again = co_await take(ledger, one(2, {.id = "gw-1-1-1", .prompt = 99}));
    EXPECT_EQ(again.repeated, 1u);
    const auto conflicts = co_await ledger.conflicts();
    EXPECT_EQ(conflicts->at(0).reason, conflict_same_request);
    const auto page = co_await ledger.query({});
    EXPECT_EQ(page->rows.at(0).prompt_tokens, 10u);
  });
}

TEST_F(LedgerStoreTest, WhatIsMissingIsAGapUntilItComes) {
  play([](LedgerStore& ledger) -> Task<void> {
    co_await take(ledger, one(1, {.id = "a"}));
    const auto jumped = co_await take(ledger, one(5, {.id = "e"}));
    EXPECT_EQ(jumped.opened, std::vector{gap(1, 2, 4)});
    EXPECT_EQ(jumped.through, 1u);
    EXPECT_EQ(jumped.known, 5u);
    const auto middle = co_await take(ledger, one(3, {.id = "c"}));
    EXPECT_EQ(middle.filled, std::vector{gap(1, 3, 3)});
    EXPECT_EQ(middle.missing, (std::vector{gap(1, 2, 2), gap(1, 4, 4)}));
    auto rest = batch_of(1);
    add(rest, 2, close_of({.id = "b"}));
    add(rest, 4, close_of({.id = "d"}));
    const auto whole = co_await take(ledger, rest);
    EXPECT_EQ(whole.filled, (std::vector{gap(1, 2, 2), gap(1, 4, 4)}));
    EXPECT_EQ(whole.through, 5u);
    const auto gaps = co_await ledger.gaps();
    EXPECT_TRUE(gaps->empty());
  });
}

TEST_F(LedgerStoreTest, WhatAStartSaysWasWrittenIsMissed) {
  play([](LedgerStore& ledger) -> Task<void> {
    co_await take(ledger, one(1, {.id = "a"}));
    auto next = batch_of(3);
    add(next, 1, wire::UsageStart{noon, {{1, 3}, {2, 2}}});
    const auto taken = co_await take(ledger, next);
    EXPECT_EQ(taken.through, 1u);
    EXPECT_EQ(taken.missing, (std::vector{gap(1, 2, 3), gap(2, 1, 2)}));
    const auto status = co_await ledger.status();
    EXPECT_EQ(status->gaps, 2u);
    EXPECT_EQ(status->missing, 4u);
    EXPECT_EQ(status->gateways.size(), 1u);
    EXPECT_EQ(status->gateways.at(0).epoch, 3u);
  });
}

TEST_F(LedgerStoreTest, AnEmptyBatchAsksAndLeavesNothing) {
  play([](LedgerStore& ledger) -> Task<void> {
    const auto asked = co_await take(ledger, batch_of(4));
    EXPECT_EQ(asked.known, 0u);
    const auto before = co_await ledger.status();
    EXPECT_TRUE(before->gateways.empty());
    co_await take(ledger, one(3, {.id = "c"}));
    const auto again = co_await take(ledger, batch_of(1));
    EXPECT_EQ(again.known, 3u);
    EXPECT_EQ(again.through, 0u);
    EXPECT_EQ(again.missing, std::vector{gap(1, 1, 2)});
  });
}

TEST_F(LedgerStoreTest, GatewaysDoNotMixTheirNumbers) {
  play([](LedgerStore& ledger) -> Task<void> {
    auto other = one(7, {.id = "other"});
    other.gateway = "gw-2";
    other.zone = "fra-b";
    co_await take(ledger, one(1, {.id = "a"}));
    const auto taken = co_await take(ledger, other);
    EXPECT_EQ(taken.through, 0u);
    const auto same = co_await take(ledger, one(2, {.id = "b"}));
    EXPECT_EQ(same.through, 2u);
    EXPECT_TRUE(same.missing.empty());
    const auto status = co_await ledger.status();
    EXPECT_EQ(status->gateways.at(1),
              (LedgerGateway{
                  .gateway = "gw-2", .zone = "fra-b", .epoch = 1, .known = 7, .received = noon}));
  });
}

TEST(LedgerTableTest, AFullFileTakesNothingOfABatch) {
  std::string folder = "/tmp/portolan-ledger-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  {
    auto table = LedgerTable::open({.path = folder + "/ledger.db", .bytes_max = 128 * 1024});
    ASSERT_TRUE(table) << table.error().message;
    ASSERT_TRUE(table->take(one(1, {.id = "kept"})));
    auto batch = batch_of(1);
    for (std::uint64_t i = 2; i < 1000; ++i) add(batch, i, close_of({.id = std::to_string(i)}));
    const auto taken = table->take(batch);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, Code::disk_full);
  }
  auto table = LedgerTable::open({.path = folder + "/ledger.db"});
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->query({})->rows.at(0).requests, 1u);
  EXPECT_EQ(table->status()->requests, 1u);
  EXPECT_TRUE(table->gaps()->empty());
  std::filesystem::remove_all(folder);
}

TEST(LedgerTableTest, TokensBeyondSenseDoNotSpoilTheSums) {
  auto table = LedgerTable::open({.path = ":memory:"});
  ASSERT_TRUE(table);
  for (std::uint64_t i = 1; i < 10; ++i) {
    const Billed absurd{.id = std::to_string(i), .completion = UINT64_MAX};
    ASSERT_TRUE(table->take(one(i, absurd)));
  }
  EXPECT_EQ(table->query({})->rows.at(0).completion_tokens, 9 * ledger_tokens_max.value);
}

// Any order, any repetition, any cut into batches: each number is counted once,
// and the gaps are what never came.
RC_GTEST_PROP(LedgerTableProperty, CountsEachNumberOnceInAnyOrder, ()) {
  auto table = LedgerTable::open({.path = ":memory:"});
  RC_ASSERT(table.has_value());
  constexpr int numbers_max = 20;
  const auto numbers = *rc::gen::resize(numbers_max, rc::gen::container<std::vector<std::uint64_t>>(
                                                         rc::gen::inRange<std::uint64_t>(1, 15)));
  RC_PRE(!numbers.empty());
  for (const auto number : numbers) {
    RC_ASSERT(table->take(one(number, {.id = std::to_string(number)})).has_value());
  }
  const std::set<std::uint64_t> came(numbers.begin(), numbers.end());
  RC_ASSERT(table->status()->requests == came.size());
  RC_ASSERT(table->status()->conflicts == 0u);
  std::set<std::uint64_t> missing;
  const auto gaps = table->gaps();
  for (const auto& gap : *gaps) {
    for (auto number = gap.first; number <= gap.last; ++number) {
      RC_ASSERT(missing.insert(number).second);
    }
  }
  for (std::uint64_t number = 1; number <= *came.rbegin(); ++number) {
    RC_ASSERT(missing.contains(number) != came.contains(number));
  }
  RC_ASSERT(missing.size() + came.size() == *came.rbegin());
}

}  // namespace
}  // namespace portolan::store
