#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/time.h"
#include "model/money.h"

namespace portolan::model {

inline constexpr Limit price_books_max{"price_books_max", 256,
                                       "of one World, those of the past with them"};
inline constexpr Limit price_items_max{"price_items_max", 20'000, "of one price book"};

// What a model's tokens cost: in those regions, or in all that no other item of the book names.
struct PriceItem {
  std::string model;
  Money input_per_million{};
  Money output_per_million{};
  std::vector<std::string> regions{};
  friend bool operator==(const PriceItem&, const PriceItem&) = default;
};

// The prices in one currency from a date on, until a later book of that currency begins. Of one
// currency no two begin at the same date.
struct PriceBook {
  std::string name;
  std::string currency;      // ISO 4217
  WallTime from{INT64_MIN};  // inclusive
  std::vector<PriceItem> items{};
  friend bool operator==(const PriceBook&, const PriceBook&) = default;
};

}  // namespace portolan::model
