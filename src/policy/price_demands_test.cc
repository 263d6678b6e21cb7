#include "policy/price_demands.h"

#include <gtest/gtest.h>

#include "policy/small_world_test.h"

namespace portolan::policy {
namespace {

constexpr WallTime today{1'000};
constexpr std::int64_t most = 1'000'000'000'000'000'000;

// "price", "input_price 120": what is asked of the one model in all three regions.
std::vector<std::string> asked(std::vector<model::PriceItem> items,
                               const model::PriceDemand& demand) {
  Parts parts = small_world();
  parts.network.price_books = {{"list", "USD", WallTime{0}, std::move(items)}};
  const auto view = parts.view();
  PriceList prices(*view.world, today);
  std::vector<std::string> asked;
  for (const auto& item : price_items(demand, {0}, {{0}, {1}, {2}}, prices)) {
    EXPECT_EQ(item.currency, demand.currency);
    asked.emplace_back(name_of(item.kind));
    if (item.kind != ParityItem::Kind::price) asked.back() += ' ' + std::to_string(item.amount);
  }
  return asked;
}

using Asked = std::vector<std::string>;

TEST(PriceDemands, WithoutABoundAskForAPriceAlone) {
  EXPECT_EQ(asked({{"small", {100}, {200}, {}}}, {"USD"}), Asked{"price"});
}

TEST(PriceDemands, WhereNoRegionHasAPriceNothingIsTooDear) {
  EXPECT_EQ(asked({}, {"USD", 20}), Asked{"price"});
  EXPECT_EQ(asked({{"small", {100}, {200}, {}}}, {"EUR", 20}), Asked{"price"});
}

TEST(PriceDemands, HoldInputAndOutputEachAgainstItsCheapest) {
  EXPECT_EQ(asked({{"small", {100}, {300}, {"cn"}}, {"small", {104}, {255}, {"sg"}}}, {"USD", 20}),
            (Asked{"price", "input_price 120", "output_price 306"}));
  EXPECT_EQ(asked({{"small", {7}, {0}, {}}}, {"USD", 0}),
            (Asked{"price", "input_price 7", "output_price 0"}));
  EXPECT_EQ(asked({{"small", {most}, {99}, {}}}, {"USD", 1000}),
            (Asked{"price", "input_price 9223372036854775807", "output_price 1089"}));
}

}  // namespace
}  // namespace portolan::policy
