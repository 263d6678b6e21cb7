#include "control/gateway_records.h"

#include <gtest/gtest.h>

namespace portolan::control {
namespace {

constexpr WallTime day{1'700'000'000'000'000'000};

world::PollRequest word(std::uint64_t number, std::uint64_t requests = 0) {
  world::PollRequest said;
  said.gateway = "g-1";
  said.zone = "mx-1a";
  said.served = world::WorldServed{};
  said.served->since.requests = requests;
  said.turn = world::PollTurn{1, number};
  return said;
}

struct GatewayRecordsTest : ::testing::Test {
  void poll(const world::PollRequest& said) { EXPECT_TRUE(records.note(said, now)); }
  void hear(world::PollRequest said, bool polls = true,
            const std::string& document = "told/b/000") {
    GatewayRecords::ById told;
    told["g-1"] = {.said = std::move(said), .seen = now, .polls = polls ? 1u : 0u};
    records.hear(document, std::move(told));
  }
  const GatewayRecord& known() const { return records.by_id().at("g-1"); }
  std::uint64_t turn() const { return known().said.turn->number; }

  GatewayRecords records;
  WallTime now = day;
};

TEST_F(GatewayRecordsTest, AStaleWordOfAnotherControlNeverReplacesANewerOne) {
  poll(word(7));
  now = now + Duration::seconds(5);
  hear(word(6));
  EXPECT_EQ(turn(), 7u) << "though it came later";
  hear(word(8), false);
  EXPECT_EQ(turn(), 8u) << "though the gateway's former poll here waits on";
  EXPECT_FALSE(known().connected());
  poll(word(9));
  EXPECT_EQ(turn(), 9u);
  EXPECT_TRUE(known().connected());
}

TEST_F(GatewayRecordsTest, AGatewayThatIsStartedAgainCountsItsTurnsAnew) {
  hear(word(900));
  auto again = word(1);
  again.turn->start = 2;
  poll(again);
  EXPECT_EQ(turn(), 1u);
  hear(word(901));
  EXPECT_EQ(turn(), 1u);
}

TEST_F(GatewayRecordsTest, WithoutTurnsThePollThatWaitsCountsAndThenTheLaterOne) {
  auto here = word(0, 10);
  auto there = word(0, 20);
  here.turn.reset();
  there.turn.reset();
  poll(here);
  now = now + Duration::seconds(1);
  hear(there, false);
  EXPECT_EQ(known().said.served->since.requests, 10u);
  records.note_end("g-1", now);
  now = now + Duration::seconds(1);
  hear(there, false);
  EXPECT_EQ(known().said.served->since.requests, 20u);
}

TEST_F(GatewayRecordsTest, OfAControlThatIsGoneNothingLives) {
  hear(word(5));
  EXPECT_TRUE(known().connected());
  EXPECT_FALSE(known().lost);
  records.lose("told/b/000", now - Duration::seconds(10));
  EXPECT_TRUE(known().lost);
  EXPECT_FALSE(known().connected());
  EXPECT_EQ(known().seen, now - Duration::seconds(10));
  hear(word(5), true, "told/c/000");
  EXPECT_FALSE(known().lost) << "the same word by one that lives";
  records.lose("told/b/000", now);
  EXPECT_TRUE(known().connected());
}

TEST_F(GatewayRecordsTest, WhatADocumentHasNoMoreIsNotTold) {
  hear(word(5));
  records.hear("told/b/000", {});
  EXPECT_TRUE(records.by_id().empty());
  EXPECT_TRUE(records.here().empty());
}

TEST_F(GatewayRecordsTest, CountsAloneAreNoFacts) {
  poll(word(1, 10));
  const auto facts = records.facts();
  const auto words = records.words();
  auto said = word(2, 20);
  poll(said);
  EXPECT_EQ(records.facts(), facts);
  EXPECT_GT(records.words(), words);
  said.refused.push_back({seal::DocumentKind::world, {"net", 1, 2}, "h", "no such zone, line 3"});
  poll(said);
  EXPECT_GT(records.facts(), facts);
}

}  // namespace
}  // namespace portolan::control
