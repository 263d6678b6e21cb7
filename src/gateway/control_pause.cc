#include "gateway/control_pause.h"

#include <algorithm>

#include "gateway/gateway_limits.h"

namespace portolan::gateway {
namespace {

constexpr Duration least = Duration::milliseconds(200);
constexpr Duration first_most = Duration::milliseconds(800);
constexpr std::uint32_t doublings_max = 8;  // beyond control_retry_ms_max already

}  // namespace

Duration control_pause(std::uint32_t failures, Random& random) {
  const auto doublings = std::min(failures > 0 ? failures - 1 : 0, doublings_max);
  const Duration most =
      std::min(first_most * (std::int64_t{1} << doublings), control_retry_ms_max.milliseconds());
  return least + Duration::nanoseconds(static_cast<std::int64_t>(
                     random.below(static_cast<std::uint64_t>((most - least).ns))));
}

}  // namespace portolan::gateway
