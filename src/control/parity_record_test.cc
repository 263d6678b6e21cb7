#include "control/parity_record.h"

#include <fmt/format.h>

#include "control/backup_file.h"
#include "control/control_stage_test_support.h"
#include "runtime/gate.h"
#include "runtime/wait.h"

namespace portolan::control {
namespace {

using namespace testing;

ParityReport report(std::uint64_t has, std::vector<std::string> models_missing) {
  ParityReport report;
  report.regions.emplace_back("eu", policy::ParityShare{10, has, 0});
  for (auto& model : models_missing) {
    ParityGap gap;
    gap.region = "eu";
    gap.model = std::move(model);
    report.gaps.push_back(std::move(gap));
  }
  return report;
}

std::size_t writes(const store::Transaction& transaction) {
  return transaction.puts.size() + transaction.deletes.size();
}

using Open = std::map<std::string, std::string>;

TEST(ParityRecord, AGapKeepsItsFirstDayUntilItIsClosed) {
  ParityRecord record;
  record_parity(record, report(8, {"a", "b"}), "2026-01-01");
  record_parity(record, report(9, {"a"}), "2026-01-02");
  EXPECT_EQ(record.open["eu"], (Open{{"a model", "2026-01-01"}}));
  record_parity(record, report(8, {"a", "b"}), "2026-01-03");
  EXPECT_EQ(record.open["eu"], (Open{{"a model", "2026-01-01"}, {"b model", "2026-01-03"}}));
}

TEST(ParityRecord, ADayHasItsLastAndItsLowest) {
  ParityRecord record;
  for (const std::uint64_t has : {9u, 4u, 10u}) {
    record_parity(record, report(has, {}), "2026-01-01");
  }
  EXPECT_EQ(record.days["2026-01-01"]["eu"], (DayShare{1000, 400}));
}

TEST(ParityRecord, NothingIsWrittenWhereNothingChanged) {
  ParityRecord record;
  EXPECT_EQ(writes(record_parity(record, report(8, {"a"}), "2026-01-01")), 2u);
  EXPECT_EQ(writes(record_parity(record, report(8, {"a"}), "2026-01-01")), 0u);
  EXPECT_EQ(writes(record_parity(record, report(8, {"a"}), "2026-01-02")), 1u);
  const auto closed = record_parity(record, report(10, {}), "2026-01-02");
  EXPECT_EQ(closed.deletes, std::vector<std::string>{"parity/open/eu"});
}

TEST(ParityRecord, ARegionThatIsNotHeardStaysAsItWas) {
  ParityRecord record;
  record_parity(record, report(8, {"a"}), "2026-01-01");
  EXPECT_EQ(writes(record_parity(record, report(0, {"a", "b"}), "2026-01-01", {"eu"})), 0u);
  EXPECT_EQ(record.days["2026-01-01"]["eu"], (DayShare{800, 800}));
  EXPECT_EQ(record.open["eu"], (Open{{"a model", "2026-01-01"}}));
}

TEST(ParityRecord, KeepsAYearAndSoManyGaps) {
  ParityRecord record;
  const auto day = [](std::uint64_t n) {
    return day_of(
        WallTime::from_unix_seconds(1'767'225'600 + static_cast<std::int64_t>(n) * 86'400));
  };
  EXPECT_EQ(day(0), "2026-01-01");
  for (std::uint64_t n = 0; n < parity_days_max.value; ++n) {
    EXPECT_TRUE(record_parity(record, report(8, {}), day(n)).deletes.empty());
  }
  const auto next = record_parity(record, report(8, {}), day(parity_days_max.value));
  EXPECT_EQ(next.deletes, std::vector<std::string>{"parity/day/2026-01-01"});
  EXPECT_EQ(record.days.size(), parity_days_max.value);
  std::vector<std::string> models;
  for (std::uint64_t n = 0; n <= parity_open_gaps_max.value; ++n) {
    models.push_back(fmt::format("m{}", n));
  }
  record_parity(record, report(8, models), day(400));
  EXPECT_EQ(record.open["eu"].size(), parity_open_gaps_max.value);
}

TEST(ParityRecord, WhatCannotBeReadIsNotRecordedAndIsReplaced) {
  const store::Range range{{{"parity/day/2026-01-01", "[1", 1, 7},
                            {"parity/open/eu", "{\"a model\":1,\"b model\":\"2025-12-31\"}", 1, 8},
                            {"parity/other", "x", 1, 9}},
                           9};
  auto record = read_parity_record(range);
  EXPECT_TRUE(record.days.empty());
  EXPECT_EQ(record.open["eu"], (Open{{"b model", "2025-12-31"}}));
  const auto written = record_parity(record, report(8, {"a"}), "2026-01-01");
  ASSERT_EQ(written.compares.size(), 2u);
  EXPECT_EQ(written.compares[0].mod_revision, 7u);
  EXPECT_EQ(written.compares[1].mod_revision, 8u);
}

struct ControlParityTest : ControlStage {};

const std::string two_models = small_network + R"(---
kind: Model
metadata: {name: small}
spec:
  digest: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
  context: 2048
  features: [chat]
)";

Task<void> wait_for(Stage& stage, Duration time) {
  const Status slept = co_await runtime::sleep_for(stage.shard, time);
  check(slept.has_value(), "time passes");
}

// Records for so long.
Task<void> record(Stage& stage, Duration time) {
  runtime::Gate beside(stage.shard, 1);
  beside.start(stage.control->record_parity());
  co_await wait_for(stage, time);
  co_await beside.close();
}

TEST_F(ControlParityTest, WhatIsRecordedOutlivesARestart) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, two_models);
    store::Transaction before;
    before.puts.push_back({"parity/day/2025-11-01", "{\"eu-central-1\":[500,400]}", 0});
    before.puts.push_back({"parity/open/eu-central-1", "{\"small model\":\"2025-11-01\"}", 0});
    const auto put = co_await stage.store->commit(std::move(before));
    EXPECT_TRUE(put);
    co_await record(stage, Duration::seconds(50));
    const auto early = co_await stage.control->read_parity();
    EXPECT_EQ(early->items.size(), 2u) << "gateways have had no time to tell";
    co_await record(stage, Duration::seconds(130));
    co_await reopen(stage);
    co_await record(stage, Duration::seconds(130));
    const auto stored = co_await stage.control->read_parity();
    const auto recorded = read_parity_record(*stored);
    EXPECT_EQ(recorded.days.size(), 2u);
    EXPECT_EQ(recorded.days.at("2026-01-01").at("eu-central-1"), (DayShare{0, 0}));
    EXPECT_EQ(recorded.open.at("eu-central-1"), (Open{{"small model", "2025-11-01"}}));
    const auto backup = co_await stage.control->read_backup(0, "");
    std::size_t in_backup = 0;
    for (const auto& item : backup->items) in_backup += item.key.starts_with(parity_prefix);
    EXPECT_EQ(in_backup, 3u);
    // Changes go on beside it.
    co_await apply(stage, "apiVersion: portolan/v1\nkind: Org\nmetadata: {name: more}\n");
  });
}

TEST_F(ControlParityTest, WithoutAWorldNothingIsRecorded) {
  play([](Stage& stage) -> Task<void> {
    co_await record(stage, Duration::seconds(200));
    const auto stored = co_await stage.control->read_parity();
    EXPECT_TRUE(stored->items.empty());
  });
}

}  // namespace
}  // namespace portolan::control
