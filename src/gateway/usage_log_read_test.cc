#include <gtest/gtest.h>

#include "gateway/usage_test_support.h"
#include "runtime/gate.h"

namespace portolan::gateway {
namespace {

using End = wire::UsageStart::EpochEnd;

class UsageLogRead : public UsageLogStage {
 protected:
  UsageBatch read(UsagePosition from, std::size_t bytes_max = 1'000'000) {
    auto batch = finish(log_->read_numbered(from, bytes_max));
    EXPECT_TRUE(batch) << batch.error().message;
    return *std::move(batch);
  }
  // All there is, as a meter takes it; `numbers_` and `requests_` of closes.
  UsagePosition read_all(UsagePosition from, std::size_t bytes_max) {
    numbers_.clear();
    for (;;) {
      const UsageBatch batch = read(from, bytes_max);
      if (batch.records == 0) return batch.next;
      SegmentWalk walk(batch.bytes);
      const auto head = walk.next();
      const auto says = std::get<wire::UsageSegment>(*wire::parse_usage_body(*head).value());
      EXPECT_EQ(says.gateway, "a");
      std::size_t records = 0;
      for (; const auto record = walk.next(); ++records) {
        numbers_.push_back({.epoch = says.epoch, .number = record->number});
      }
      EXPECT_TRUE(walk.damages().empty());
      EXPECT_EQ(records, batch.records);
      EXPECT_EQ(batch.next, (UsagePosition{says.epoch, numbers_.back().number + 1}));
      from = batch.next;
    }
  }
  std::string outcome_of(const std::string& request) {
    const auto found = finish(log_->find_close(request));
    EXPECT_TRUE(found);
    return *found ? (*found)->outcome : "none";
  }

  std::vector<UsagePosition> numbers_;
};

TEST_F(UsageLogRead, NothingIsGivenBeforeItIsOnTheDisk) {
  start();
  EXPECT_EQ(read({1, 1}).records, 1u) << "the start";
  ASSERT_TRUE(append(closed(id(1))));
  const UsageBatch none = read({1, 2});
  EXPECT_EQ(none.records, 0u);
  EXPECT_EQ(none.next, (UsagePosition{1, 2}));
  EXPECT_EQ(log_->epochs(), (std::vector<End>{{1, 1}}));
  universe_.faults().sync_failed = 1;
  EXPECT_FALSE(make_durable());
  EXPECT_EQ(read({1, 2}).records, 0u);
}

TEST_F(UsageLogRead, ADamagedRecordIsAGapAndTheRestIsGiven) {
  start();
  for (int i = 1; i <= 5; ++i) ASSERT_TRUE(append(closed(id(i))));
  ASSERT_TRUE(make_durable());
  std::string& segment = machine_.disk().files().at("/usage/00000001-000001.usage");
  segment[segment.find(id(2))] = '!';
  read_all({1, 1}, 1'000'000);
  EXPECT_EQ(numbers_, (std::vector<UsagePosition>{{1, 1}, {1, 2}, {1, 4}, {1, 5}, {1, 6}}));
}

TEST_F(UsageLogRead, EveryNumberIsGivenOnceOverSegmentsAndEpochs) {
  for (int epoch = 0; epoch < 3; ++epoch) {
    start();
    for (int i = 0; i < 60; ++i) {
      ASSERT_TRUE(append(opened(id(i, epoch_))));
      if (i % 4 != 0) ASSERT_TRUE(append(closed(id(i, epoch_))));
    }
    if (epoch < 2) kill();
  }
  ASSERT_TRUE(make_durable());
  const std::vector<End> ends = {{1, 46}, {2, 61}, {3, 61}};
  EXPECT_EQ(log_->epochs(), ends);
  for (const std::size_t bytes_max : {1u, 3'000u, 1'000'000u}) {
    EXPECT_EQ(read_all({1, 1}, bytes_max), (UsagePosition{3, 62}));
    ASSERT_EQ(numbers_.size(), 46u + 61 + 61);
    std::size_t at = 0;
    for (const auto& [epoch, last] : ends) {
      for (std::uint64_t number = 1; number <= last; ++number) {
        EXPECT_EQ(numbers_[at++], (UsagePosition{epoch, number}));
      }
    }
  }
  read_all({2, 60}, 3'000);
  EXPECT_EQ(numbers_.front(), (UsagePosition{2, 60}));
  EXPECT_EQ(numbers_.size(), 2u + 61);
}

TEST_F(UsageLogRead, WhatAFailedWriteLeftIsNotGiven) {
  start();
  ASSERT_TRUE(append(closed(id(1))));
  universe_.faults().disk_failed = 1;
  universe_.faults().disk_torn = 1;
  EXPECT_FALSE(append(closed(id(2))));
  universe_.faults().disk_failed = 0;
  wait(usage_room_retry_ms.milliseconds());
  ASSERT_TRUE(append(closed(id(3))));
  ASSERT_TRUE(make_durable());
  read_all({1, 1}, 1'000'000);
  EXPECT_EQ(numbers_, (std::vector<UsagePosition>{{1, 1}, {1, 2}, {1, 3}}));
  EXPECT_EQ(outcome_of(id(2)), "none");
}

TEST_F(UsageLogRead, OnlyWhatIsShippedOldAndClosedIsRemoved) {
  auto with = options(++epoch_);
  with.has_meter = true;
  log_ = *open(with);
  const auto first = "/usage/00000001-000001.usage";
  const auto old = [this] { wait(Duration::hours(24 * 31)); };
  const auto fill = [this](int from) {
    for (int i = from; i < from + 120; ++i) ASSERT_TRUE(append(closed(id(i))));
    ASSERT_TRUE(make_durable());
  };
  ASSERT_TRUE(append(opened(id(0))));
  fill(1);
  log_->shipped({1, 1'000});
  old();
  fill(200);
  log_->shipped({1, 1'001});
  wait(Duration::seconds(1));
  EXPECT_TRUE(machine_.disk().files().contains(first)) << "a request of it is open";
  ASSERT_TRUE(append(closed(id(0))));
  fill(400);
  log_->shipped({1, 1'002});
  wait(Duration::seconds(1));
  EXPECT_FALSE(machine_.disk().files().contains(first));
  EXPECT_EQ(outcome_of(id(1)), "none");
  EXPECT_EQ(outcome_of(id(250)), "completed") << "younger than receipt_days";
}

TEST_F(UsageLogRead, WhatIsNotShippedIsKeptHoweverOld) {
  auto with = options(++epoch_);
  with.has_meter = true;
  log_ = *open(with);
  for (int i = 1; i < 200; ++i) ASSERT_TRUE(append(closed(id(i))));
  ASSERT_TRUE(make_durable());
  wait(Duration::hours(24 * 365));
  for (int i = 200; i < 400; ++i) ASSERT_TRUE(append(closed(id(i))));
  ASSERT_TRUE(make_durable());
  log_->shipped({1, 10});
  wait(Duration::seconds(1));
  read_all({1, 10}, 10'000);
  EXPECT_EQ(numbers_.front(), (UsagePosition{1, 10}));
  EXPECT_EQ(numbers_.size(), 391u);
}

TEST_F(UsageLogRead, ACloseIsFoundByItsRequestAlsoAfterACrash) {
  start();
  for (int i = 1; i <= 80; ++i) {
    ASSERT_TRUE(append(opened(id(i))));
    if (i != 7) ASSERT_TRUE(append(closed(id(i))));
  }
  kill();
  start();
  EXPECT_EQ(outcome_of(id(3)), "completed");
  EXPECT_EQ(outcome_of(id(80)), "completed");
  EXPECT_EQ(outcome_of(id(7)), wire::outcome_crash);
  for (const char* other : {"a-1-999", "a-1-", "b-1-3", "a-9-3", "", "a-1-3\"", "a"}) {
    EXPECT_EQ(outcome_of(other), "none") << other;
  }
}

TEST_F(UsageLogRead, AnExecutionIsFoundByAnothersRequest) {
  start();
  wire::UsageExec exec;
  exec.request_id = "other-5-1";
  exec.model_digest = "sha256:ab";
  ASSERT_TRUE(append(exec));
  const auto found = finish(log_->find_exec("other-5-1"));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ(**found, exec);
  EXPECT_FALSE(*finish(log_->find_exec("other-5-2")));
}

}  // namespace
}  // namespace portolan::gateway
