#pragma once

#include <string>
#include <vector>

#include "sim/observed.h"

namespace portolan::sim {

// Versions only rise: what a gateway has on its disk, what it tells control, and
// what its requests were decided by, in the order in which they began, restarts
// included; but for an older World that surely permits no more, where the disk lost
// the newest one. Every World that decided one is a World that was applied.
void check_versions(const Observed& observed, std::vector<std::string>& problems);

}  // namespace portolan::sim
