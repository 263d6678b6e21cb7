#pragma once

#include <span>
#include <vector>

#include "base/limits.h"

namespace portolan::app {

// Every limit of this program: those that rooms share, then those of one room.
std::vector<const Limit*> shown_limits();

// Those of them that bound what control has gateways and engines asked about themselves.
std::span<const Limit* const> limits_of_inspection();
// Those that bound how machines join, and how it ends.
std::span<const Limit* const> limits_of_machines();
// Those that bound how regions and zones are opened.
std::span<const Limit* const> limits_of_openings();

}  // namespace portolan::app
