#include "gateway/usage_log.h"

#include <gtest/gtest.h>

#include <set>

#include "gateway/usage_test_support.h"
#include "runtime/gate.h"

namespace portolan::gateway {
namespace {

using runtime::Task;

class UsageLogTest : public UsageLogStage {};

Task<void> append_and_keep(UsageLog& log, wire::UsageBody body, std::vector<Status>& outcomes) {
  const Status done = co_await log.append(std::move(body));
  outcomes.push_back(done);
}

// Appends all of them in one turn.
Task<std::vector<Status>> append_together(runtime::Shard& shard, UsageLog& log,
                                          std::vector<wire::UsageBody> bodies) {
  std::vector<Status> outcomes;
  runtime::Gate gate(shard, bodies.size());
  for (wire::UsageBody& body : bodies) {
    gate.start(append_and_keep(log, std::move(body), outcomes));
  }
  co_await gate.drain();
  co_return outcomes;
}

// Turns of the shard until it was written.
Task<int> turns_of_append(runtime::Shard& shard, UsageLog& log, wire::UsageBody body) {
  std::vector<Status> outcomes;
  runtime::Gate gate(shard, 1);
  gate.start(append_and_keep(log, std::move(body), outcomes));
  int turns = 0;
  for (; outcomes.empty(); ++turns) co_await runtime::yield(shard);
  co_await gate.drain();
  co_return turns;
}

Task<bool> cancel_at_once(runtime::Shard& shard, UsageLog& log, wire::UsageBody body) {
  std::vector<Status> outcomes;
  runtime::Gate gate(shard, 1);
  gate.start(append_and_keep(log, std::move(body), outcomes));
  co_await gate.close();
  co_return outcomes.size() == 1 && outcomes[0];
}

TEST_F(UsageLogTest, ADiskThatRefusesFailsTheAppendAndLeavesNoNumberOut) {
  start();
  ASSERT_TRUE(append(closed(id(1))));
  universe_.faults().disk_failed = 1;
  const Status refused = append(closed(id(2)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::usage_log_full);
  EXPECT_EQ(refused.error().retry, Retry::elsewhere);
  EXPECT_NE(refused.error().message.find(folder), std::string::npos);
  EXPECT_EQ(append(opened(id(3))).error().code, Code::usage_log_full);
  universe_.faults().disk_failed = 0;
  // The disk is asked again after a while, and not at once.
  EXPECT_FALSE(append(closed(id(4))));
  wait(usage_room_retry_ms.milliseconds());
  EXPECT_TRUE(append(closed(id(5))));
  const auto records = stored();
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[2].number, 3u);
  EXPECT_EQ(std::get<wire::UsageClose>(records[2].body).request.request_id, id(5));
}

TEST_F(UsageLogTest, WhatWasReportedDoneIsThereOnceWhateverTheDiskDoes) {
  for (int seed = 0; seed < 4; ++seed) {
    machine_.disk().files().clear();
    epoch_ = 0;
    start();
    universe_.faults().disk_failed = 0.1;
    universe_.faults().disk_torn = 0.8;
    std::set<std::string> done;
    for (int turn = 0; turn < 60; ++turn) {
      std::vector<wire::UsageBody> bodies;
      for (int i = 0; i < 3; ++i) bodies.push_back(closed(id(turn * 3 + i)));
      const auto outcomes = finish(append_together(machine_, *log_, bodies));
      for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (outcomes[i]) done.insert(id(turn * 3 + static_cast<int>(i)));
      }
      wait(Duration::milliseconds(300));
    }
    universe_.faults().disk_failed = 0;
    EXPECT_GT(done.size(), 20u);
    std::set<std::string> there;
    for (const auto& [request, closes] : stored_closes()) {
      EXPECT_EQ(closes.size(), 1u) << request;
      there.insert(request);
    }
    // What failed last may stand there until the next segment says that it does not count.
    for (const std::string& request : done) EXPECT_TRUE(there.contains(request)) << request;
    ASSERT_TRUE(start().bytes_on_disk() > 0);
    EXPECT_EQ(stored_closes().size(), there.size());
    end();
  }
}

TEST_F(UsageLogTest, ADiskThatOnceLostWhatItWasGivenIsNotTrustedAgain) {
  start();
  ASSERT_TRUE(append(opened(id(1))));
  universe_.faults().sync_failed = 1;
  EXPECT_EQ(make_durable().error().code, Code::usage_log_full);
  universe_.faults().sync_failed = 0;
  EXPECT_FALSE(make_durable());
  EXPECT_EQ(append(opened(id(2))).error().code, Code::usage_log_full);
  EXPECT_TRUE(append(closed(id(1)))) << "what was let in can close";
}

TEST_F(UsageLogTest, ARecordLargerThanAnyIsRefusedAndTakesNoNumber) {
  start();
  auto close = closed(id(1));
  close.receipt.assign(segment_bytes_, 'x');
  EXPECT_EQ(append(close).error().code, Code::limit_exceeded);
  EXPECT_TRUE(append(closed(id(1))));
  EXPECT_EQ(stored().back().number, 2u);
}

TEST_F(UsageLogTest, CancellingTheRequestNeitherLosesNorDoublesItsRecord) {
  start();
  EXPECT_TRUE(finish(cancel_at_once(machine_, *log_, opened(id(1)))));
  EXPECT_TRUE(finish(cancel_at_once(machine_, *log_, closed(id(1)))));
  ASSERT_EQ(stored().size(), 3u);
  EXPECT_EQ(log_->open_requests(), 0u);
}

TEST_F(UsageLogTest, RecordsOfOneTurnAreOneWrite) {
  segment_bytes_ = usage_segment_bytes.value;
  start();
  const std::uint64_t before = log_->writes();
  std::vector<wire::UsageBody> bodies;
  for (int i = 0; i < 10; ++i) bodies.push_back(opened(id(i)));
  for (const Status& done : finish(append_together(machine_, *log_, bodies))) EXPECT_TRUE(done);
  EXPECT_EQ(log_->writes(), before + 1);
  const auto records = stored();
  ASSERT_EQ(records.size(), 11u);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(records[i + 1].body, bodies[i]);
}

// What the ledger takes for the same record again is decided by the number.
TEST_F(UsageLogTest, RecordsOfOneTurnHaveANumberEach) {
  segment_bytes_ = usage_segment_bytes.value;
  start();
  std::vector<wire::UsageBody> bodies;
  for (int i = 0; i < 10; ++i) {
    bodies.push_back(opened(id(i)));
    bodies.push_back(closed(id(i)));
  }
  for (const Status& done : finish(append_together(machine_, *log_, bodies))) EXPECT_TRUE(done);
  expect_contiguous_numbers();
  EXPECT_EQ(stored_closes().size(), 10u);
}

TEST_F(UsageLogTest, SegmentsFollowEachOtherWithoutAGap) {
  start();
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(append(opened(id(i))));
    ASSERT_TRUE(append(closed(id(i), 7)));
  }
  EXPECT_GT(log_->bytes_on_disk(), 8 * segment_bytes_);
  for (const auto& [path, bytes] : machine_.disk().files()) EXPECT_EQ(bytes.size(), segment_bytes_);
  expect_contiguous_numbers();
  EXPECT_EQ(stored().size(), 601u);
}

TEST_F(UsageLogTest, NoRequestWaitsForAFileToBeMade) {
  start();
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(finish(turns_of_append(machine_, *log_, closed(id(i), 7))), 1) << i;
  }
  EXPECT_GT(log_->bytes_on_disk(), 5 * segment_bytes_);
}

TEST_F(UsageLogTest, AtItsLimitItRefusesOpensUntilTheMeterHasTakenSome) {
  auto with = options(++epoch_);
  with.has_meter = true;
  with.bytes_max = 4 * segment_bytes_;
  log_ = *open(with);
  int let_in = 0;
  Status done;
  for (; done && let_in < 1'000; let_in += done ? 1 : 0) done = append(opened(id(let_in)));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::usage_log_full);
  EXPECT_NE(done.error().message.find("usage_log_bytes_max"), std::string::npos);
  EXPECT_GT(let_in, 2);
  // Each of them can close, with as much as is kept for it.
  for (int i = 0; i < let_in; ++i) {
    auto close = closed(id(i));
    close.receipt.assign(usage_close_reserve_bytes.count() / 2, 'x');
    EXPECT_TRUE(append(close)) << i;
  }
  done = {};
  for (int i = 1'000; done && i < 2'000; ++i) {
    done = append(opened(id(i)));
    if (done) ASSERT_TRUE(append(closed(id(i))));
  }
  ASSERT_FALSE(done);
  ASSERT_TRUE(make_durable());
  log_->shipped({.epoch = epoch_, .number = static_cast<std::uint64_t>(let_in)});
  wait(usage_room_retry_ms.milliseconds());
  EXPECT_TRUE(append(opened(id(2'001))));
}

TEST_F(UsageLogTest, WithoutAMeterTheOldestGoFirst) {
  auto with = options(++epoch_);
  with.bytes_max = 4 * segment_bytes_;
  log_ = *open(with);
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(append(opened(id(i))));
    ASSERT_TRUE(append(closed(id(i))));
    if (i % 10 == 0) ASSERT_TRUE(make_durable());
    ASSERT_LE(machine_.disk().files().size(), 5u);
  }
  EXPECT_EQ(stored().back().number, 501u);
}

TEST_F(UsageLogTest, RunMakesDurableSoonAfterAWriteAndIsIdleOtherwise) {
  start();
  runtime::Gate background(machine_, 1);
  background.start(log_->run());
  ASSERT_TRUE(append(opened(id(1))));
  const Instant written = universe_.now();
  EXPECT_TRUE(finish([](UsageLog& log) -> Task<Status> {
    const Status told = co_await log.synced().wait();
    co_return told;
  }(*log_)));
  EXPECT_EQ(universe_.now() - written, log_flush_ms.milliseconds());
  constexpr auto wait_on = [](UsageLog& log) -> Task<void> {
    const Status told = co_await log.synced().wait();
    EXPECT_FALSE(told) << "nothing was written";
  };
  EXPECT_FALSE(universe_.run(wait_on(*log_), Duration::hours(1)));
  universe_.run(background.close(), Duration::hours(1));
}

}  // namespace
}  // namespace portolan::gateway
