#pragma once

#include "base/time.h"

namespace portolan::cli {

// How often a child has died shortly after its start, without a pause.
struct Deaths {
  unsigned in_a_row = 0;
  friend bool operator==(const Deaths&, const Deaths&) = default;
};

// A child that ran that long was well; its next death is a first one.
inline constexpr Duration lived_well = Duration::seconds(30);
inline constexpr Duration restart_delay_least = Duration::seconds(1);
inline constexpr Duration restart_delay_most = Duration::seconds(10);

// The count with one more death, after a life of that length.
Deaths count_death(Deaths deaths, Duration life);

// How long to wait before the next start: 1 s, doubled with each death up to 10 s.
Duration restart_delay(Deaths deaths);

}  // namespace portolan::cli
