#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "store/sqlite_ledger.h"
#include "virtual/universe.h"
#include "virtual/virtual_shard.h"

// For tests: batches of records, and a ledger in memory to take them.
namespace portolan::store::testing {

using runtime::Task;
using virtual_time::Universe;
using virtual_time::VirtualShard;

inline constexpr WallTime noon = WallTime::from_unix_seconds(1'767'268'800);  // 2026-01-01T12:00Z

// What a request is billed for; the rest of its record follows from that.
struct Billed {
  std::string id{};
  std::string workspace = "eu";
  std::string zone = "fra-a";
  std::string model = "small";
  std::uint64_t prompt = 10;
  std::uint64_t completion = 5;
  std::string outcome = std::string(wire::outcome_completed);
  WallTime began = noon;
};

inline wire::UsageClose close_of(const Billed& billed) {
  wire::UsageClose close;
  close.request.request_id = billed.id;
  close.request.trace_id = "trace";
  close.request.began = billed.began;
  close.request.org = "demo";
  close.request.workspace = billed.workspace;
  close.request.key_id = "key-1";
  close.request.model = billed.model;
  close.request.path = "/v1/chat/completions";
  close.request.scope = "global";
  close.request.entry_region = "fra";
  close.request.entry_zone = "fra-a";
  close.request.versions = {.world = "hash", .keyring = 2, .restrictions = 1};
  close.ended = billed.began + Duration::seconds(1);
  close.outcome = billed.outcome;
  close.status = 200;
  close.executor_region = billed.zone.substr(0, 3);
  close.executor_zone = billed.zone;
  close.attempts = 1;
  close.executions = 1;
  close.counts = {.prompt = {billed.prompt},
                  .completion = {billed.completion},
                  .cached = {2},
                  .estimated = false};
  return close;
}

inline wire::UsageExec exec_of(std::string request_id) {
  wire::UsageExec exec;
  exec.request_id = std::move(request_id);
  return exec;
}

inline LedgerBatch batch_of(std::uint64_t epoch, WallTime received = noon) {
  return {.gateway = "gw-1", .zone = "fra-a", .epoch = epoch, .received = received, .entries = {}};
}

// `digest` stands for the record's bytes: another one is another record.
inline void add(LedgerBatch& batch, std::uint64_t number, wire::UsageBody body,
                std::string digest = {}) {
  if (digest.empty()) digest = "digest " + std::to_string(number);
  batch.entries.push_back({number, std::move(body), "bytes of " + digest, digest});
}

inline LedgerBatch one(std::uint64_t number, const Billed& billed, std::string digest = {}) {
  auto batch = batch_of(1);
  add(batch, number, close_of(billed), std::move(digest));
  return batch;
}

inline Task<LedgerTaken> take(LedgerStore& ledger, LedgerBatch batch) {
  auto taken = co_await ledger.take(std::move(batch));
  check(taken.has_value(), "a ledger in memory takes a batch");
  co_return std::move(*taken);
}

struct LedgerTest : ::testing::Test {
  using Story = Task<void> (*)(LedgerStore& ledger);

  static void play(Story story) {
    Universe universe(1);
    auto& shard = universe.add_machine("meter");
    auto whole = [](VirtualShard& on, Story told) -> Task<void> {
      SqliteLedger::Options options;
      options.path = ":memory:";
      auto ledger = co_await SqliteLedger::open(on, options);
      check(ledger.has_value(), "a ledger in memory opens");
      co_await told(**ledger);
      co_await (*ledger)->close();
    };
    EXPECT_TRUE(universe.run(whole(shard, story), Duration::hours(1)));
  }
};

}  // namespace portolan::store::testing
