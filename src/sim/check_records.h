#pragma once

#include <string>
#include <vector>

#include "sim/check_sightings.h"

namespace portolan::sim {

// The part of check_observed() that reads what engines and gateways wrote down.
void check_records(const Observed& observed, std::vector<std::string>& problems);

}  // namespace portolan::sim
