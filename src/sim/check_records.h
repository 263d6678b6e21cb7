#pragma once

#include <string>
#include <vector>

#include "sim/observed.h"

namespace portolan::sim {

// No request is executed more than executions_max times; an answer is one line in
// its gateway's access log, and no id comes twice.
void check_records(const Observed& observed, std::vector<std::string>& problems);

}  // namespace portolan::sim
