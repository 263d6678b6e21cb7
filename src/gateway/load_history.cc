#include "gateway/load_history.h"

#include <algorithm>

namespace portolan::gateway {

void LoadHistory::note(std::uint32_t in_flight) {
  samples_[noted_ % samples_.size()] = in_flight;
  ++noted_;
}

std::optional<std::uint32_t> LoadHistory::p95() const {
  const std::size_t kept = std::min(noted_, samples_.size());
  if (kept == 0) return std::nullopt;
  auto sorted = samples_;
  const std::size_t rank = (kept * 95 + 99) / 100 - 1;
  const auto at = [&](std::size_t i) { return sorted.begin() + static_cast<std::ptrdiff_t>(i); };
  std::nth_element(at(0), at(rank), at(kept));
  return sorted[rank];
}

}  // namespace portolan::gateway
