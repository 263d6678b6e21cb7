#include "gateway/usage_recovery.h"

#include <gtest/gtest.h>

#include <set>

#include "gateway/usage_test_support.h"

namespace portolan::gateway {
namespace {

using Files = std::map<std::string, std::string>;

class UsageRecovery : public UsageLogStage {
 protected:
  Files& files() { return machine_.disk().files(); }

  // A process that is killed with requests 1.. open, counted, closed, in `count` rounds.
  void live_and_die(int count) {
    start();
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(append(opened(id(i))));
      ASSERT_TRUE(append(counted(id(i), 32)));
      ASSERT_TRUE(append(counted(id(i), 64)));
      if (i % 3 != 0) ASSERT_TRUE(append(closed(id(i), 70)));
    }
    kill();
  }

  // Exactly one close for each open that stands on the disk, and none else.
  void expect_one_close_each() {
    std::map<std::string, std::uint64_t> counts;  // the last that stands on the disk
    std::set<std::string> opens;
    for (const Stored& record : stored()) {
      if (const auto* open = std::get_if<wire::UsageOpen>(&record.body)) {
        opens.insert(open->request.request_id);
      } else if (const auto* checkpoint = std::get_if<wire::UsageCheckpoint>(&record.body)) {
        counts[checkpoint->request_id] = checkpoint->counts.completion.value;
      }
    }
    const auto closes = stored_closes();
    EXPECT_EQ(closes.size(), opens.size());
    for (const std::string& request : opens) {
      ASSERT_TRUE(closes.contains(request)) << request;
      ASSERT_EQ(closes.at(request).size(), 1u) << request;
      const wire::UsageClose& close = closes.at(request)[0];
      if (close.outcome == wire::outcome_crash) {
        EXPECT_EQ(close.counts.completion.value, counts[request]);
        EXPECT_EQ(close.status, 0);
      } else {
        EXPECT_EQ(close.counts.completion.value, 70u);
      }
    }
  }

  // The files as a crash leaves them when only the first `bytes` of what was written
  // from epoch `epoch` on are there.
  static Files cut(const Files& whole, std::uint64_t epoch, std::size_t bytes) {
    Files left;
    for (const auto& [path, text] : whole) {
      const auto name = parse_segment_name(path.substr(std::string(folder).size() + 1));
      left[path] = text;
      if (name->epoch < epoch) continue;
      const std::size_t used = text.find_last_not_of('\0') + 1;
      const std::size_t kept = std::min(bytes, used);
      left[path].replace(kept, text.size() - kept, text.size() - kept, '\0');
      bytes -= kept;
    }
    return left;
  }
  std::size_t written(std::uint64_t epoch) {
    std::size_t bytes = 0;
    for (const auto& [path, text] : files()) {
      const auto name = parse_segment_name(path.substr(std::string(folder).size() + 1));
      if (name->epoch >= epoch) bytes += text.find_last_not_of('\0') + 1;
    }
    return bytes;
  }
};

TEST_F(UsageRecovery, ACrashAtAnyByteLeavesOneCloseForEveryOpen) {
  live_and_die(16);
  const Files whole = files();
  ASSERT_GE(whole.size(), 2u) << "over more than one segment";
  const std::size_t bytes = written(1);
  for (std::size_t kept = 0; kept <= bytes; kept += kept < 1'000 ? 29 : 331) {
    files() = cut(whole, 1, kept);
    epoch_ = 1;
    start();
    end();
    expect_one_close_each();
    expect_contiguous_numbers();
    ASSERT_FALSE(HasFailure()) << kept << " bytes kept";
  }
}

TEST_F(UsageRecovery, ACrashOfTheRecoveryAtAnyByteClosesNothingTwice) {
  live_and_die(210);
  start();
  kill();
  const Files whole = files();
  const std::size_t bytes = written(2);
  ASSERT_GT(bytes, segment_bytes_) << "the recovery itself goes over a segment";
  for (std::size_t kept = 0; kept <= bytes; kept += kept < 1'000 ? 171 : 7'507) {
    files() = cut(whole, 2, kept);
    epoch_ = 2;
    start();
    kill();
    start();
    end();
    expect_one_close_each();
    expect_contiguous_numbers();
    ASSERT_FALSE(HasFailure()) << kept << " bytes kept";
  }
}

TEST_F(UsageRecovery, ALostCloseOfARecoveryIsWrittenAgain) {
  live_and_die(9);
  start();
  kill();
  std::string& second = files().at("/usage/00000002-000001.usage");
  const std::size_t at = second.rfind("\"request_id\":\"a-1-6\"");
  ASSERT_NE(at, std::string::npos);
  second[at] = '!';
  start();
  end();
  expect_one_close_each();
}

TEST_F(UsageRecovery, ADamageInTheMiddleIsPassedOverAndShown) {
  live_and_die(6);
  std::string& first = files().at("/usage/00000001-000001.usage");
  const std::size_t at = first.find("\"tokens");
  ASSERT_EQ(at, std::string::npos);
  const std::size_t close = first.find("\"outcome\"");
  first[close + 2] ^= 1;
  start();
  EXPECT_NE(universe_.trace().find("bytes are damaged"), std::string::npos);
  // Request 1's close was what was lost; it is closed again, and its number stays out.
  const auto closes = stored_closes();
  EXPECT_EQ(closes.at(id(1)).at(0).outcome, wire::outcome_crash);
  EXPECT_EQ(closes.at(id(2)).at(0).outcome, wire::outcome_completed);
  EXPECT_EQ(closes.size(), 6u);
}

TEST_F(UsageRecovery, AHeadThatIsDamagedCostsNoRecord) {
  live_and_die(40);
  ASSERT_GE(files().size(), 3u);
  for (auto& [path, text] : files()) text[40] ^= 1;
  start();
  end();
  const auto closes = stored_closes();
  EXPECT_EQ(closes.size(), 40u);
  EXPECT_EQ(log_, nullptr);
  EXPECT_NE(universe_.trace().find("its head is damaged"), std::string::npos);
}

TEST_F(UsageRecovery, WhatIsNotOursIsReportedAndLeftAlone) {
  live_and_die(3);
  const std::string other = files().at("/usage/00000001-000001.usage");
  kill();
  files()["/usage/notes.txt"] = "mine";
  files()["/usage/00000000-000001.usage"] = std::string(1'000, 'x');
  auto foreign = options(1);
  foreign.gateway = "b";
  foreign.folder = "/other";
  finish([](runtime::Shard& shard, UsageLogOptions with) -> runtime::Task<bool> {
    auto log = co_await UsageLog::open(shard, std::move(with));
    co_await (*log)->close();
    co_return true;
  }(machine_, foreign));
  files()["/usage/00000001-0000aa.usage"] = files().at("/other/00000001-000001.usage");
  const Files before = files();
  start();
  end();
  for (const char* name : {"notes.txt", "00000000-000001.usage", "00000001-0000aa.usage"}) {
    const std::string path = std::string("/usage/") + name;
    EXPECT_EQ(files().at(path), before.at(path));
    EXPECT_NE(universe_.trace().find(path), std::string::npos);
  }
  EXPECT_EQ(stored_closes().size(), 3u);
}

TEST_F(UsageRecovery, AnEpochThatWasUsedIsRefused) {
  live_and_die(1);
  const auto refused = open(options(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::bad_configuration);
  EXPECT_NE(refused.error().message.find("epoch"), std::string::npos);
}

TEST_F(UsageRecovery, AStartSaysHowFarEarlierEpochsCame) {
  live_and_die(7);  // the start and 4 closes
  start();          // the start and 3 crashes
  kill();
  start();
  std::vector<wire::UsageStart> starts;
  for (const Stored& record : stored()) {
    const auto* start = std::get_if<wire::UsageStart>(&record.body);
    if (start == nullptr) continue;
    EXPECT_EQ(record.number, 1u);
    starts.push_back(*start);
  }
  ASSERT_EQ(starts.size(), 3u);
  EXPECT_TRUE(starts[0].earlier.empty());
  EXPECT_EQ(starts[1].crashed, 3u);
  EXPECT_EQ(starts[2].crashed, 0u);
  using End = wire::UsageStart::EpochEnd;
  EXPECT_EQ(starts[2].earlier, (std::vector<End>{{1, 5}, {2, 4}}));
}

TEST_F(UsageRecovery, ManyStartsReadNoMoreThanTheLastEpochs) {
  live_and_die(3);
  for (int i = 0; i < 30; ++i) {
    start();
    kill();
  }
  // Spoilt beyond reading, and yet nobody needs it.
  files().at("/usage/00000001-000001.usage").replace(2'000, 8'000, std::string(8'000, 'x'));
  const std::size_t before = universe_.trace().size();
  start();
  EXPECT_EQ(universe_.trace().find("00000001-000001", before), std::string::npos);
  const auto epochs = log_->epochs();
  ASSERT_EQ(epochs.size(), 32u);
  EXPECT_EQ(epochs[0].last, 3u);
  EXPECT_EQ(epochs[1].last, 2u);
}

}  // namespace
}  // namespace portolan::gateway
