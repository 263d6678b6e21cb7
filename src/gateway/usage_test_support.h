#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/usage_log.h"
#include "runtime/wait.h"
#include "virtual/universe.h"
#include "virtual/virtual_shard.h"

namespace portolan::gateway {

// A gateway's machine on which usage logs are opened, one after the other, and
// end in order or as by kill -9.
class UsageLogStage : public testing::Test {
 protected:
  static constexpr const char* folder = "/usage";

  template <class T>
  T finish(runtime::Task<T> work) {
    std::optional<T> result;
    constexpr auto scenario = [](runtime::Task<T> task,
                                 std::optional<T>& into) -> runtime::Task<void> {
      T value = co_await std::move(task);
      into.emplace(std::move(value));
    };
    EXPECT_TRUE(universe_.run(scenario(std::move(work), result), Duration::hours(24 * 400)));
    return *std::move(result);
  }

  UsageLogOptions options(std::uint64_t epoch) const {
    UsageLogOptions of{.network = "demo", .gateway = "a", .epoch = epoch, .folder = folder};
    of.segment_bytes = segment_bytes_;
    return of;
  }

  Result<std::unique_ptr<UsageLog>> open(UsageLogOptions with) {
    return finish(UsageLog::open(machine_, std::move(with)));
  }
  // The next epoch.
  UsageLog& start() {
    auto opened = open(options(++epoch_));
    EXPECT_TRUE(opened) << opened.error().message;
    log_ = *std::move(opened);
    return *log_;
  }
  // What the process had not written is gone.
  void kill() {
    universe_.cut_off(machine_);
    end();
    universe_.restore(machine_);
  }
  void end() {
    constexpr auto close = [](UsageLog& log) -> runtime::Task<bool> {
      co_await log.close();
      co_return true;
    };
    if (log_) finish(close(*log_));
    log_.reset();
  }
  void TearDown() override { end(); }

  void wait(Duration span) {
    constexpr auto sleep = [](runtime::Shard& shard, Duration by) -> runtime::Task<bool> {
      const Status slept = co_await runtime::sleep_for(shard, by);
      co_return slept.has_value();
    };
    EXPECT_TRUE(finish(sleep(machine_, span)));
  }

  Status append(wire::UsageBody body) { return finish(log_->append(std::move(body))); }
  Status make_durable() { return finish(log_->make_durable()); }

  static std::string id(int request, std::uint64_t epoch = 1) {
    return "a-" + std::to_string(epoch) + "-" + std::to_string(request);
  }
  static wire::UsageRequest request(std::string request_id) {
    wire::UsageRequest request;
    request.request_id = std::move(request_id);
    request.model = "smollm2";
    return request;
  }
  static wire::UsageOpen opened(std::string request_id) { return {request(std::move(request_id))}; }
  static wire::UsageCheckpoint counted(std::string request_id, std::uint64_t tokens) {
    wire::UsageCheckpoint checkpoint;
    checkpoint.request_id = std::move(request_id);
    checkpoint.executor_zone = "zone-b";
    checkpoint.counts.completion.value = tokens;
    return checkpoint;
  }
  static wire::UsageClose closed(std::string request_id, std::uint64_t tokens = 0) {
    wire::UsageClose close;
    close.request = request(std::move(request_id));
    close.outcome = wire::outcome_completed;
    close.status = 200;
    close.counts.completion.value = tokens;
    return close;
  }

  // What stands on the disk and counts, as a reader of the files alone sees it.
  struct Stored {
    std::uint64_t epoch = 0;
    std::uint64_t number = 0;
    wire::UsageBody body;
  };
  std::vector<Stored> stored() {
    std::map<SegmentName, std::string> segments;
    for (const auto& [path, bytes] : machine_.disk().files()) {
      const auto name = parse_segment_name(path.substr(std::string(folder).size() + 1));
      if (name) segments[*name] = bytes;
    }
    for (const auto& [name, bytes] : segments) {
      const auto head = wire::read_usage_record(bytes);
      if (!head || !*head || (*head)->kind != wire::UsageKind::segment) continue;
      const auto says = std::get<wire::UsageSegment>(*wire::parse_usage_body(**head).value());
      if (says.gateway != "a") continue;
      for (auto& [before, text] : segments) {
        if (before.epoch != name.epoch || before >= name) continue;
        if (before.index > says.after_index) text.clear();
        if (before.index == says.after_index) text.resize(says.after_end);
      }
    }
    std::vector<Stored> records;
    for (const auto& [name, bytes] : segments) {
      SegmentWalk walk(bytes);
      while (const auto record = walk.next()) {
        const auto body = wire::parse_usage_body(*record);
        EXPECT_TRUE(body && *body);
        if (record->kind != wire::UsageKind::segment) {
          records.push_back({.epoch = name.epoch, .number = record->number, .body = **body});
        }
      }
    }
    return records;
  }
  // The closes of each request, with where they stand.
  std::map<std::string, std::vector<wire::UsageClose>> stored_closes() {
    std::map<std::string, std::vector<wire::UsageClose>> closes;
    for (const Stored& record : stored()) {
      const auto* close = std::get_if<wire::UsageClose>(&record.body);
      if (close != nullptr) closes[close->request.request_id].push_back(*close);
    }
    return closes;
  }
  // In every epoch the numbers are 1, 2, 3...
  void expect_contiguous_numbers() {
    std::map<std::uint64_t, std::uint64_t> last;
    for (const Stored& record : stored()) {
      if (record.number > 0) EXPECT_EQ(record.number, ++last[record.epoch]) << record.epoch;
    }
  }

  virtual_time::Universe universe_{1};
  virtual_time::VirtualShard& machine_ = universe_.add_machine("a");
  std::uint64_t segment_bytes_ = 32 * 1024;
  std::uint64_t epoch_ = 0;
  std::unique_ptr<UsageLog> log_;
};

}  // namespace portolan::gateway
