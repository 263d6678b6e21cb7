#include "policy/prices_on.h"

#include <gtest/gtest.h>

#include <vector>

namespace portolan::policy {
namespace {

constexpr WallTime day(std::int64_t number) { return WallTime::from_unix_seconds(number * 86'400); }

const std::vector<model::PriceBook> books = {
    {"first", "USD", day(10), {{"m", {10}, {30}}, {"m", {12}, {36}, {"eu", "sg"}}}},
    {"second", "USD", day(20), {{"m", {20}, {60}, {"eu"}}}},
    {"euro", "EUR", day(15), {{"m", {9}, {27}}}}};

using Known = std::optional<Price>;

TEST(PricesOn, BeforeTheFirstBookThereIsNone) {
  const PricesOn prices(books, "USD", day(10) - Duration{1});
  EXPECT_EQ(prices.book(), nullptr);
  EXPECT_EQ(prices.of("m", "eu"), Known());
  EXPECT_EQ(PricesOn(books, "CNY", day(30)).of("m", "eu"), Known());
}

TEST(PricesOn, AnItemOfARegionComesBeforeOneOfAll) {
  const PricesOn prices(books, "USD", day(10));
  EXPECT_EQ(prices.of("m", "sg"), Known({{12}, {36}}));
  EXPECT_EQ(prices.of("m", "cn"), Known({{10}, {30}}));
  EXPECT_EQ(prices.of("n", "cn"), Known());
}

TEST(PricesOn, ALaterBookReplacesTheWholeOfAnEarlierOne) {
  EXPECT_EQ(PricesOn(books, "USD", day(20) - Duration{1}).book()->name, "first");
  const PricesOn prices(books, "USD", day(20));
  EXPECT_EQ(prices.of("m", "eu"), Known({{20}, {60}}));
  EXPECT_EQ(prices.of("m", "sg"), Known()) << "the later book has no price there";
  EXPECT_EQ(PricesOn(books, "EUR", day(20)).of("m", "sg"), Known({{9}, {27}}));
}

}  // namespace
}  // namespace portolan::policy
