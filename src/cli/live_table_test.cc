#include "cli/live_table.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace portolan::cli {
namespace {

const ZoneFacts serving{.zone = "a", .runs = true, .serves = true, .region_serves = true};

std::vector<ZoneRow> many_rows(int count) {
  std::vector<ZoneRow> rows;
  for (int i = 0; i < count; ++i) {
    rows.push_back({.zone = "zone-" + std::to_string(100 + i), .state = "ready", .well = true});
  }
  return rows;
}

TEST(LiveTable, CallsAZoneByItsTrouble) {
  const GatewaySample ready{.answers = true, .ready = true, .engines = 1, .engines_healthy = 1};
  const auto state = [](ZoneFacts facts, const GatewaySample& sample) {
    return make_row(facts, {sample, {}, {}}).state;
  };
  ZoneFacts dead = serving;
  dead.runs = false;
  EXPECT_EQ(state(dead, ready), "down");
  EXPECT_EQ(state(serving, {}), "starting");
  EXPECT_EQ(state(serving, {.answers = true, .reason = "draining"}), "draining");
  EXPECT_EQ(state(serving, {.answers = true, .reason = "no World yet"}), "not ready");
  EXPECT_EQ(state(serving, {.answers = true, .ready = true, .engines = 1}), "engine down");
  EXPECT_EQ(state(serving, ready), "ready");
}

TEST(LiveTable, WaitsForNoEngineWhereTheWorldHasNone) {
  ZoneFacts bare = serving;
  bare.serves = bare.region_serves = false;
  const ZoneRow row = make_row(bare, {{.answers = true}, {}, {}});
  EXPECT_TRUE(row.well);
  EXPECT_EQ(row.state, "no engines");
}

TEST(LiveTable, AZoneThatWaitsToBeOpenedIsWellOnceItsGatewayAnswers) {
  ZoneFacts waiting = serving;
  waiting.waits = true;
  EXPECT_FALSE(make_row(waiting, {{}, {}, {}}).well);
  const GatewaySample closed{.answers = true, .reason = "no World yet"};
  EXPECT_EQ(make_row(waiting, {closed, {}, {}}).state, "to open");
  EXPECT_TRUE(make_row(waiting, {closed, {}, {}}).well);
  const GatewaySample open{.answers = true, .ready = true, .engines = 1, .engines_healthy = 1};
  EXPECT_EQ(make_row(waiting, {open, {}, {}}).state, "ready");
}

TEST(LiveTable, ReadsWhatItKnowsAndPassesOverTheRest) {
  const GatewaySample sample = read_metrics(
      "# HELP portolan_requests_total x\nportolan_requests_total 12\n"
      "portolan_in_flight{phase=\"sent\"} 2\nportolan_in_flight{phase=\"streaming\"} 3\n"
      "portolan_tokens_total{kind=\"prompt\"} 9\nportolan_tokens_total{kind=\"completion\"} 40\n"
      "portolan_failovers_total 1\nportolan_engine_healthy{engine=\"http://x y\"} 1\n"
      "portolan_engine_healthy{engine=\"b\"} 0\nnonsense\n\nportolan_requests_totals 5");
  EXPECT_EQ(sample, (GatewaySample{.answers = true,
                                   .in_flight = 5,
                                   .requests = 12,
                                   .completion_tokens = 40,
                                   .failovers = 1,
                                   .engines = 2,
                                   .engines_healthy = 1}));
}

TEST(LiveTable, CountsTokensOfTheTimeBetweenAndNoneAfterARestart) {
  const GatewaySample before{.answers = true, .completion_tokens = 100};
  const GatewaySample now{.answers = true, .completion_tokens = 150};
  EXPECT_DOUBLE_EQ(make_row(serving, {now, before, Duration::seconds(2)}).tokens_per_second, 25);
  EXPECT_DOUBLE_EQ(make_row(serving, {before, now, Duration::seconds(2)}).tokens_per_second, 0);
}

TEST(LiveTable, FitsTheTerminalAndShowsTroubleFirst) {
  std::vector<ZoneRow> rows = many_rows(87);
  rows[60].well = false;
  rows[60].state = "down";
  rows[70].in_flight = 4;
  const auto lines = render_table(rows, true, {.columns = 50, .lines = 10});
  ASSERT_EQ(lines.size(), 10u);
  for (const std::string& line : lines) EXPECT_LE(line.size(), 50u);
  EXPECT_TRUE(lines[1].starts_with("zone-160  down"));
  EXPECT_TRUE(lines[2].starts_with("zone-170"));
  EXPECT_TRUE(lines.back().starts_with("86 of 87 zones well, 4 in flight"));
}

TEST(LiveTable, IsOneLineWhereThereIsNoRoom) {
  for (std::size_t height = 0; height < 3; ++height) {
    EXPECT_EQ(render_table(many_rows(5), true, {.columns = 80, .lines = height}).size(), 1u);
  }
}

TEST(LiveTable, SaysThatTheMeterIsDown) {
  EXPECT_TRUE(render_status(many_rows(1), false).starts_with("the meter is down"));
  EXPECT_FALSE(render_status(many_rows(1), true).contains("meter"));
}

TEST(LiveTable, KeepsTheOrderWhenAllFit) {
  const auto lines = render_table(many_rows(3), true, {});
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_TRUE(std::ranges::is_sorted(lines.begin() + 1, lines.begin() + 4));
}

}  // namespace
}  // namespace portolan::cli
