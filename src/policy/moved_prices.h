#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/price_book.h"
#include "policy/guard_change.h"

namespace portolan::policy {

// One price of a model that a change moves by more than price_move_percent_max, up or down: with
// the regions where it is the same move, on the first date on which it is one.
struct MovedPrice {
  enum class Of : std::uint8_t { input, output };

  WallTime from;
  std::string currency;
  std::string model;
  Of of = Of::input;
  model::Money before;
  model::Money after;
  std::vector<std::string> regions;
};

// How many prices of a currency hold on a date, before a change and after it: of one model, or
// of all (`model` empty). Only models and regions that stand in both are counted.
struct PriceCount {
  WallTime from;
  std::string currency;
  std::string model;
  std::size_t before = 0;
  std::size_t after = 0;
};

struct PriceChanges {
  std::vector<MovedPrice> moved;   // by date, then currency and model
  std::vector<PriceCount> counts;  // those that fall
};

// What a change does to the prices of each model in each region, at `now` and at every later date
// on which a book of either begins. What had no price before, or has none any more, has not moved.
PriceChanges compare_prices(const Standing& before, const Standing& after, WallTime now);

// "Price of model 'm' in region 'r' for a million tokens of input: 0.03 USD instead of 0.02, ..."
std::string sentence_of(const MovedPrice& moved, WallTime now);
// "Prices of model 'm' in USD": a set, for a sentence about its size.
std::string name_of(const PriceCount& count, WallTime now);

}  // namespace portolan::policy
