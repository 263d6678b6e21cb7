#include "model/money.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace portolan::model {
namespace {

std::string why_not(std::string_view text) {
  const auto money = parse_money(text);
  return money ? "read as " + std::to_string(money->billionths) : money.error().message;
}

void expect_refused(std::string_view text, std::string_view part) {
  EXPECT_NE(why_not(text).find(part), std::string::npos) << text << ": " << why_not(text);
}

TEST(Money, RefusesWhatIsNoAmount) {
  for (const char* text : {"", ".", "1.", ".5", "+1", "1e3", "1E-3", "0x10", "1,000", "1_0",
                           "1.2.3", " 1", "1 ", "NaN", "inf", "USD 1"}) {
    expect_refused(text, "is not written as digits with at most one point");
  }
  expect_refused("-1", "is negative");
  expect_refused("-0", "is negative");
  expect_refused("0.0000000001", "has 10 digits after the point; 9 is the most");
}

TEST(Money, RefusesMoreThanItCanHold) {
  EXPECT_EQ(parse_money("1000000000")->billionths, 1'000'000'000'000'000'000);
  expect_refused("1000000000.000000001", "is more than 1000000000, which is money_units_max");
  for (const char* text : {"1000000001", "9223372036", "9223372037", "18446744073709551616",
                           "99999999999999999999999999999999"}) {
    expect_refused(text, "money_units_max");
  }
}

TEST(Money, IsExact) {
  EXPECT_EQ(parse_money("0.02")->billionths, 20'000'000);
  EXPECT_EQ(parse_money("0.000000001")->billionths, 1);
  EXPECT_EQ(parse_money("18.736")->billionths, 18'736'000'000);
  EXPECT_EQ(parse_money("007.10")->billionths, 7'100'000'000);
  EXPECT_EQ(render_money({0}), "0");
  EXPECT_EQ(render_money({1}), "0.000000001");
  EXPECT_EQ(render_money({7'100'000'000}), "7.1");
  EXPECT_EQ(render_money({100'000'000'000}), "100");
}

TEST(Money, ComesBackFromItsText) {
  EXPECT_TRUE(rc::check([] {
    const Money money{*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000'000'001)};
    RC_ASSERT(parse_money(render_money(money)).value() == money);
  }));
}

}  // namespace
}  // namespace portolan::model
