#include "policy/larger_share.h"

#include <algorithm>

namespace portolan::policy {
namespace {

constexpr double deviations = 5;

}  // namespace

double value(const Share& share) {
  return share.all == 0 ? 0 : static_cast<double>(share.of) / static_cast<double>(share.all);
}

std::string render(const Share& share) {
  return std::to_string(share.of) + " of " + std::to_string(share.all);
}

bool larger_share(const Share& now, const Share& then, double margin) {
  if (now.of < share_cases_min) return false;
  const Share reference{then.of, std::max(then.all, share_taken_for_good)};
  const double difference = value(now) - value(reference);
  if (difference <= margin) return false;
  const double pooled = value({now.of + reference.of, now.all + reference.all});
  const double variance =
      pooled * (1 - pooled) *
      (1 / static_cast<double>(now.all) + 1 / static_cast<double>(reference.all));
  return difference * difference > deviations * deviations * variance;
}

}  // namespace portolan::policy
