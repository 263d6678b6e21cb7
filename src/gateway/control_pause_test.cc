#include "gateway/control_pause.h"

#include <gtest/gtest.h>

#include <array>

#include "gateway/gateway_limits.h"

namespace portolan::gateway {
namespace {

TEST(ControlPause, NeverEndsAtOnceNorLaterThanItsLimit) {
  Random random(1);
  for (std::uint32_t failures = 0; failures < 1'000; ++failures) {
    const Duration pause = control_pause(failures, random);
    EXPECT_GE(pause, Duration::milliseconds(200));
    EXPECT_LT(pause, control_retry_ms_max.milliseconds());
  }
}

TEST(ControlPause, OneFailureIsSoonTriedAgain) {
  Random random(1);
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_LT(control_pause(1, random), Duration::milliseconds(800));
  }
}

TEST(ControlPause, ManyGatewaysAreSpreadOverItsWholeLimit) {
  Random random(1);
  std::array<int, 6> halves_of_seconds{};
  for (int gateway = 0; gateway < 870; ++gateway) {
    const Duration pause = control_pause(9, random);
    ++halves_of_seconds.at(static_cast<std::size_t>(pause.milliseconds() / 500));
  }
  // The first one begins 200 ms late.
  for (const int gateways : halves_of_seconds) {
    EXPECT_GT(gateways, 60);
    EXPECT_LT(gateways, 200);
  }
}

}  // namespace
}  // namespace portolan::gateway
