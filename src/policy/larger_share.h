#pragma once

#include <cstdint>
#include <string>

namespace portolan::policy {

// So many of so many.
struct Share {
  std::uint64_t of = 0;
  std::uint64_t all = 0;
};

// 0 of nothing is 0.
double value(const Share& share);
std::string render(const Share& share);  // "3 of 20"

// What next to nothing is compared with: so many that went well.
inline constexpr std::uint64_t share_taken_for_good = 20;
// Fewer cases are chance.
inline constexpr std::uint64_t share_cases_min = 5;

// Whether `now` is larger than `then` by more than a margin and by more than chance: a z test of
// two proportions, five standard deviations.
bool larger_share(const Share& now, const Share& then, double margin);

}  // namespace portolan::policy
