#include "policy/moved_prices.h"

#include <gtest/gtest.h>

#include "policy/standing_test.h"

namespace portolan::policy {
namespace {

constexpr WallTime now = WallTime::from_unix_seconds(1'767'225'600);   // 2026-01-01
constexpr WallTime soon = WallTime::from_unix_seconds(1'798'761'600);  // 2027-01-01

using Sentences = std::vector<std::string>;

Sentences objections(const Parts& before, const Parts& after) {
  return objections(before, after, now);
}

model::PriceItem item(std::int64_t input, std::int64_t output, std::vector<std::string> regions) {
  return {"small", {input * 1'000'000}, {output * 1'000'000}, std::move(regions)};
}

// 0.1 and 0.3 everywhere, from 1970 on.
Parts priced() {
  Parts parts = small_world();
  parts.network.price_books = {{"list", "USD", WallTime{0}, {item(100, 300, {})}}};
  return parts;
}

Parts with(model::PriceItem other) {
  Parts parts = priced();
  parts.network.price_books[0].items = {std::move(other)};
  return parts;
}

TEST(MovedPrices, AreNamedWithModelRegionsAndBothPrices) {
  const auto said = objections(priced(), with(item(125, 300, {})));
  EXPECT_EQ(said, Sentences{"price moved: Price of model 'small' in regions 'cn', 'eu-1', 'sg' for "
                            "a million tokens of input: 0.125 USD instead of 0.1, 25 % more; "
                            "price_move_percent_max is 20."});
  Parts one = priced();
  one.network.price_books[0].items.push_back(item(100, 200, {"sg"}));
  EXPECT_EQ(objections(priced(), one),
            Sentences{"price moved: Price of model 'small' in region 'sg' for a million tokens of "
                      "output: 0.2 USD instead of 0.3, 33.33 % less; price_move_percent_max is "
                      "20."});
}

TEST(MovedPrices, AFifthEitherWayPasses) {
  EXPECT_EQ(objections(priced(), with(item(120, 240, {}))), Sentences{});
  auto more = with(item(120, 240, {}));
  ++more.network.price_books[0].items[0].input_per_million.billionths;
  EXPECT_EQ(objections(priced(), more).size(), 1u);
  --more.network.price_books[0].items[0].output_per_million.billionths;
  EXPECT_EQ(objections(priced(), more).size(), 2u);
}

TEST(MovedPrices, TheLargestAmountsAreComparedToo) {
  const auto of = [](std::int64_t billionths) {
    auto parts = with(item(0, 0, {}));
    parts.network.price_books[0].items[0].input_per_million = {billionths};
    return parts;
  };
  constexpr std::int64_t most = 1'000'000'000'000'000'000;
  EXPECT_EQ(objections(of(most), of(most / 5 * 4)), Sentences{});
  EXPECT_EQ(objections(of(most), of(most / 5 * 4 - 1)).size(), 1u);
  EXPECT_EQ(objections(of(most), of(0)).size(), 1u);
  EXPECT_EQ(objections(of(1), of(2)).size(), 1u);
}

TEST(MovedPrices, AFirstPriceIsNone) {
  Parts bare = priced();
  bare.network.price_books.clear();
  EXPECT_EQ(objections(bare, priced()), Sentences{});
  Parts euro = priced();
  euro.network.price_books.push_back({"euro", "EUR", WallTime{0}, {item(9, 9, {})}});
  EXPECT_EQ(objections(priced(), euro), Sentences{});
}

TEST(MovedPrices, WhatWasFreeAndCostsIsAMove) {
  const auto said = objections(with(item(0, 300, {})), priced());
  ASSERT_EQ(said.size(), 1u);
  EXPECT_NE(said[0].find("0.1 USD instead of 0, which was free"), std::string::npos) << said[0];
  EXPECT_EQ(objections(priced(), with(item(0, 300, {}))).size(), 1u);
}

TEST(MovedPrices, AreFoundAtDatesToCome) {
  Parts after = priced();
  after.network.price_books.push_back({"next", "USD", soon, {item(150, 300, {})}});
  const auto said = objections(priced(), after);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_NE(said[0].find("of input from 2027-01-01 on: 0.15 USD instead of 0.1, 50 % more"),
            std::string::npos)
      << said[0];
  // What was agreed to before is compared with itself.
  EXPECT_EQ(objections(after, after), Sentences{});
  // A book of the past that no date to come reads is nobody's price.
  Parts past = after;
  past.network.price_books[0].from = WallTime{1};
  past.network.price_books.push_back({"older", "USD", WallTime{0}, {item(900, 900, {})}});
  EXPECT_EQ(objections(after, past), Sentences{});
}

TEST(MovedPrices, PricesThatDisappearAreASetThatShrinks) {
  Parts emptied = priced();
  emptied.network.price_books[0].items.clear();
  EXPECT_EQ(objections(priced(), emptied),
            (Sentences{"set emptied: Items of price book 'list': none instead of 1.",
                       "set emptied: Prices of model 'small' in USD: none instead of 3.",
                       "set emptied: Prices in USD: none instead of 3."}));
  Parts ended = priced();
  ended.network.price_books.push_back({"end", "USD", soon, {}});
  EXPECT_EQ(objections(priced(), ended).front(),
            "set emptied: Prices of model 'small' in USD from 2027-01-01 on: none instead of 3.");
  Parts gone = priced();
  gone.network.price_books.clear();
  EXPECT_EQ(objections(priced(), gone).front(), "set emptied: Price books: none instead of 1.");
  // One of three may go, two may not.
  EXPECT_EQ(objections(priced(), with(item(100, 300, {"cn", "sg"}))), Sentences{});
  EXPECT_EQ(objections(priced(), with(item(100, 300, {"cn"}))).front(),
            "much gone: Prices of model 'small' in USD: 1 instead of 3.");
}

}  // namespace
}  // namespace portolan::policy
