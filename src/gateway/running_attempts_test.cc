#include "gateway/running_attempts.h"

#include <gtest/gtest.h>

#include <memory>

namespace portolan::gateway {
namespace {

model::Zone zone_of(std::string name, std::string region) {
  model::Zone zone;
  zone.name = std::move(name);
  zone.region = std::move(region);
  return zone;
}

TEST(RunningAttempts, ADeniedPlaceLosesItsAttemptsAndNoOtherDoes) {
  RunningAttempts all;
  RunningAttempt first(all, zone_of("eu-1a", "eu-1"), nullptr);
  RunningAttempt other(all, zone_of("cn-1a", "cn-1"), nullptr);
  model::Restrictions restrictions;
  restrictions.denied = {"cn-1"};
  all.cut_denied(restrictions);
  EXPECT_FALSE(first.denied());
  EXPECT_FALSE(first.scope().is_cancelled());
  EXPECT_TRUE(other.denied());
  EXPECT_TRUE(other.scope().is_cancelled());
}

TEST(RunningAttempts, ADrainedPlaceFinishesWhatItHas) {
  RunningAttempts all;
  RunningAttempt attempt(all, zone_of("eu-1a", "eu-1"), nullptr);
  model::Restrictions restrictions;
  restrictions.drained = {"eu-1a", "eu-1"};
  all.cut_denied(restrictions);
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
  all.cut_denied(restrictions);
  EXPECT_TRUE(third->denied());
}

}  // namespace
}  // namespace portolan::gateway
