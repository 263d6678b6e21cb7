#include "policy/neighbours_carry.h"

#include <algorithm>
#include <limits>

namespace portolan::policy {

Carrying neighbours_carry(std::span<const PlaceLoad> neighbours, std::uint64_t leaving_p95) {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  Carrying carrying{.needed = leaving_p95};
  for (const PlaceLoad& each : neighbours) {
    const std::uint64_t free = each.slots - std::min(each.slots, each.busy_p95);
    carrying.spare += std::min(free, most - carrying.spare);
  }
  return carrying;
}

}  // namespace portolan::policy
