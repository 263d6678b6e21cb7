#pragma once

#include <string>
#include <vector>

#include "sim/observed.h"

namespace portolan::sim {

// P1: a request's marker reaches its entry, the gateways and engines of zones in
// its scope at that date, and its client; no other machine, and no file of a
// gateway or a control. Every answer's marker was seen at an engine.
void check_scope(const Observed& observed, std::vector<std::string>& problems);

}  // namespace portolan::sim
