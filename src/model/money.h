#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"

namespace portolan::model {

inline constexpr Limit money_units_max{"money_units_max", 1'000'000'000,
                                       "of a currency in one amount, as for a million tokens"};

// An amount in 1e-9 of a currency that the context names. Whole numbers alone: no sum of
// amounts is off by what a float would lose.
struct Money {
  std::int64_t billionths = 0;
  friend constexpr auto operator<=>(Money, Money) = default;
};

// Digits with at most one point and nine digits behind it, as in "0.02". Errors:
// invalid_resource, with a sentence that goes on after the amount: "is negative".
Result<Money> parse_money(std::string_view text);

// The shortest text that reads back as the same.
std::string render_money(Money money);

}  // namespace portolan::model
