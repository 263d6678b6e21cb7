#include "control/inspect_client.h"

#include <gtest/gtest.h>

namespace portolan::control {
namespace {

WallTime at(std::int64_t ms) { return WallTime{ms * 1'000'000}; }

// 40 ms there, 60 ms back, and 500 ms of work in between.
ClockReading reading(std::int64_t ahead_ms) {
  return {.sent = at(1'000),
          .asked = at(1'040 + ahead_ms),
          .answered = at(1'540 + ahead_ms),
          .received = at(1'600)};
}

TEST(InspectClient, AClockIsReadUpToHalfTheTimeOnTheWay) {
  for (const std::int64_t ahead_ms : {0, 2'000, -2'000}) {
    const auto said = clock_ahead(reading(ahead_ms));
    const auto doubt = clock_doubt(reading(ahead_ms));
    EXPECT_EQ(doubt, Duration::milliseconds(50));
    EXPECT_LE(said, Duration::milliseconds(ahead_ms) + doubt);
    EXPECT_GE(said, Duration::milliseconds(ahead_ms) - doubt);
  }
}

}  // namespace
}  // namespace portolan::control
