#include "gateway/running_attempts.h"

#include <gtest/gtest.h>

#include <memory>

namespace portolan::gateway {
namespace {

RunsWith zone_of(std::string name, std::string region) {
  return {.zone = std::move(name), .region = std::move(region)};
}

TEST(RunningAttempts, ARevokedMachineLosesWhatIsUnderWayWithIt) {
  RunningAttempts all;
  RunningAttempt zone(all, zone_of("eu-1a", "eu-1"), nullptr);
  RunningAttempt stolen(all, {.machine = "gw-2"}, nullptr);
  RunningAttempt other(all, {.machine = "gw-3"}, nullptr);
  model::Restrictions restrictions;
  restrictions.revoked_machines = {"gw-2"};
  all.cut(restrictions);
  EXPECT_TRUE(stolen.was_cut());
  EXPECT_TRUE(stolen.scope().is_cancelled());
  EXPECT_FALSE(other.was_cut());
  EXPECT_FALSE(zone.was_cut());
}

TEST(RunningAttempts, ADeniedPlaceLosesItsAttemptsAndNoOtherDoes) {
  RunningAttempts all;
  RunningAttempt first(all, zone_of("eu-1a", "eu-1"), nullptr);
  RunningAttempt other(all, zone_of("cn-1a", "cn-1"), nullptr);
  model::Restrictions restrictions;
  restrictions.denied = {"cn-1"};
  all.cut(restrictions);
  EXPECT_FALSE(first.was_cut());
  EXPECT_FALSE(first.scope().is_cancelled());
  EXPECT_TRUE(other.was_cut());
  EXPECT_TRUE(other.scope().is_cancelled());
}

TEST(RunningAttempts, ADrainedPlaceFinishesWhatItHas) {
  RunningAttempts all;
  RunningAttempt attempt(all, zone_of("eu-1a", "eu-1"), nullptr);
  model::Restrictions restrictions;
  restrictions.drained = {"eu-1a", "eu-1"};
  all.cut(restrictions);
  EXPECT_FALSE(attempt.scope().is_cancelled());
}

TEST(RunningAttempts, AttemptsLeaveInAnyOrder) {
  RunningAttempts all;
  auto first = std::make_unique<RunningAttempt>(all, zone_of("a", "r"), nullptr);
  auto second = std::make_unique<RunningAttempt>(all, zone_of("b", "r"), nullptr);
  auto third = std::make_unique<RunningAttempt>(all, zone_of("c", "r"), nullptr);
  second.reset();
  first.reset();
  model::Restrictions restrictions;
  restrictions.denied = {"c"};
  all.cut(restrictions);
  EXPECT_TRUE(third->was_cut());
}

}  // namespace
}  // namespace portolan::gateway
