#include "cli/up_restart.h"

#include <algorithm>

namespace portolan::cli {

Deaths count_death(Deaths deaths, Duration life) {
  if (life >= lived_well) return {1};
  return {deaths.in_a_row + 1};
}

Duration restart_delay(Deaths deaths) {
  constexpr unsigned doublings_max = 4;  // beyond restart_delay_most already
  const unsigned doublings = std::min(deaths.in_a_row > 0 ? deaths.in_a_row - 1 : 0, doublings_max);
  return std::min(restart_delay_least * (std::int64_t{1} << doublings), restart_delay_most);
}

}  // namespace portolan::cli
