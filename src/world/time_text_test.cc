#include "world/time_text.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace portolan::world {
namespace {

TEST(DateText, RefusesWhatNoCalendarHas) {
  for (const auto* text : {"",
                           "2023",
                           "2023-1-1",
                           "2023-02-29",
                           "2023-13-01",
                           "2023-00-10",
                           "2023-11-17 ",
                           "2023-11-17T",
                           "2023-11-17T08:00",
                           "2023-11-17T08:00:00",
                           "2023-11-17T24:00:00Z",
                           "2023-11-17T08:60:00Z",
                           "2023-11-17T08:00:00.Z",
                           "2023-11-17T08:00:00.1234567891Z",
                           "2023-11-17T08:00:00+1",
                           "2023-11-17T08:00:00ZZ",
                           "0001-01-01",
                           "9999-01-01",
                           "-023-01-01",
                           "17.11.2023"}) {
    EXPECT_FALSE(parse_date(text)) << text;
  }
}

TEST(DateText, ReadsDaysAndRfc3339) {
  EXPECT_EQ(parse_date("1970-01-01"), WallTime{0});
  EXPECT_EQ(parse_date("2023-11-17"), WallTime::from_unix_seconds(1'700'179'200));
  EXPECT_EQ(parse_date("2024-02-29"), WallTime::from_unix_seconds(1'709'164'800));
  EXPECT_EQ(parse_date("2023-11-17T08:30:00+01:00"),
            WallTime::from_unix_seconds(1'700'179'200 + 7 * 3600 + 1800));
  EXPECT_EQ(parse_date("1969-12-31T23:59:59.5Z"), WallTime{-500'000'000});
}

TEST(DateText, ReadsBackEveryInstant) {
  for (const auto ns : {INT64_MIN, INT64_MIN + 1, INT64_MAX, std::int64_t{-1}, std::int64_t{0}}) {
    EXPECT_EQ(parse_date(render_date({ns})), WallTime{ns}) << render_date({ns});
  }
  EXPECT_TRUE(rc::check([] {
    const WallTime time{*rc::gen::arbitrary<std::int64_t>()};
    RC_ASSERT(parse_date(render_date(time)) == time);
    const auto day = WallTime::from_unix_seconds(*rc::gen::inRange(-90'000, 90'000) * 86'400L);
    RC_ASSERT(parse_date(render_date(day)) == day);
    RC_ASSERT(render_date(day).size() == 10u);
  }));
}

TEST(DurationText, RefusesWhatIsNoDuration) {
  for (const auto* text : {"", "5", "h", "-5s", "+5s", "5 s", "5hours", "1h30m", "99999999999999h",
                           "18446744073709551616s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(DurationText, ReadsBackEveryDuration) {
  EXPECT_EQ(parse_duration("24h"), Duration::hours(24));
  EXPECT_EQ(parse_duration("1d"), Duration::hours(24));
  EXPECT_EQ(render_duration(Duration::hours(24)), "24h");
  EXPECT_EQ(render_duration(Duration::seconds(30)), "30s");
  EXPECT_TRUE(rc::check([] {
    const Duration duration{*rc::gen::inRange<std::int64_t>(0, INT64_MAX)};
    RC_ASSERT(parse_duration(render_duration(duration)) == duration);
  }));
}

}  // namespace
}  // namespace portolan::world
