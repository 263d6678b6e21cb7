#include "policy/restriction_pace.h"

#include <gtest/gtest.h>

namespace portolan::policy {
namespace {

TEST(RestrictionPace, ObjectsToOneMoreThanItsLimitWithinAMinute) {
  std::deque<Instant> recent;
  Instant now{};
  for (std::uint64_t i = 0; i < restrictions_per_minute_max.value; ++i) {
    EXPECT_FALSE(object_to_pace(recent, now)) << i;
    recent.push_back(now);
    now = now + Duration::seconds(1);
  }
  const auto objection = object_to_pace(recent, now);
  ASSERT_TRUE(objection);
  EXPECT_EQ(objection->rule, "too fast");
  EXPECT_NE(objection->sentence.find("restrictions_per_minute_max is 20"), std::string::npos);
}

TEST(RestrictionPace, ForgetsWhatIsAMinuteOld) {
  std::deque<Instant> recent(restrictions_per_minute_max.count(), Instant{});
  EXPECT_TRUE(object_to_pace(recent, Instant{} + Duration::milliseconds(59'999)));
  EXPECT_FALSE(object_to_pace(recent, Instant{} + Duration::seconds(60)));
  EXPECT_TRUE(recent.empty());
}

}  // namespace
}  // namespace portolan::policy
