#include "gateway/world_tally.h"

#include <gtest/gtest.h>

namespace portolan::gateway {
namespace {

constexpr Instant start{1'000'000'000'000};

model::Version version(std::uint64_t number) { return {"net", 1, number}; }
world::Seen held(std::uint64_t number) { return {version(number), "hash"}; }

EndedRequest ended(std::uint64_t world, std::optional<Code> code = {}) {
  EndedRequest request{.world = version(world), .code = code, .attempts = 1, .first_byte = {}};
  if (!code) request.first_byte = Duration::milliseconds(30);
  return request;
}

TEST(WorldTally, SaysNothingOfAWorldThatItDoesNotCountBy) {
  WorldTally tally;
  tally.adopt(version(3));
  EXPECT_FALSE(tally.said(std::nullopt));
  EXPECT_FALSE(tally.said(held(4)));
  EXPECT_TRUE(tally.said(held(3)));
}

TEST(WorldTally, AClientThatLeftAndARequestOfAnOlderWorldSayNothing) {
  WorldTally tally;
  tally.adopt(version(3));
  tally.note(ended(3, Code::cancelled), start);
  tally.note(ended(2, Code::engine_failed), start);
  EXPECT_EQ(tally.said(held(3))->since, model::ServedCounts());
}

TEST(WorldTally, ErrorsRefusalsDetoursAndSpeedAreToldApart) {
  WorldTally tally;
  tally.adopt(version(1));
  tally.note(ended(1), start);
  tally.note(ended(1, Code::engine_failed), start);
  tally.note(ended(1, Code::wrong_region), start);
  tally.note(ended(1, Code::model_not_found), start);
  tally.note(ended(1, Code::malformed_json), start);
  auto detour = ended(1);
  detour.attempts = 2;
  detour.first_byte = Duration::seconds(1'000);
  tally.note(detour, start);
  const auto since = tally.said(held(1))->since;
  EXPECT_EQ(since.requests, 6u);
  EXPECT_EQ(since.errors, 1u);
  EXPECT_EQ(since.refusals, 2u);
  EXPECT_EQ(since.detours, 1u);
  EXPECT_EQ(since.first_bytes.at(1), 1u) << "30 ms is above 25 ms";
  EXPECT_EQ(since.first_bytes.back(), 1u);
}

TEST(WorldTally, WhatWasServedLatelyIsWhatANewWorldIsHeldAgainst) {
  WorldTally tally;
  tally.adopt(version(1));
  const auto window = world_tally_window_ms.milliseconds();
  tally.note(ended(1, Code::engine_failed), start);
  tally.note(ended(1), start + window);
  tally.note(ended(1), start + window * 2);
  tally.note(ended(2), start + window * 2);
  const auto said = tally.said(held(2));
  EXPECT_EQ(said->since.requests, 1u);
  EXPECT_EQ(said->before.requests, 2u) << "the failure was long ago";
  EXPECT_EQ(said->before.errors, 0u);
}

TEST(WorldTally, WhatWasComputedForOthersIsCountedOverWorlds) {
  WorldTally tally;
  tally.note_computed(Code::engine_failed);
  tally.note_computed(Code::cancelled);
  tally.adopt(version(2));
  tally.note_computed(Code::malformed_json);
  tally.note_computed(std::nullopt);
  EXPECT_EQ(tally.computed(), (world::ComputedSaid{3, 1}));
}

TEST(WorldTally, AnHourWithoutRequestsLeavesNothingToHoldAgainst) {
  WorldTally tally;
  tally.adopt(version(1));
  tally.note(ended(1), start);
  tally.note(ended(1), start + Duration::hours(1));
  tally.adopt(version(2));
  EXPECT_EQ(tally.said(held(2))->before.requests, 1u);
}

}  // namespace
}  // namespace portolan::gateway
