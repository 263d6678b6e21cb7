#pragma once

#include <string>

#include "gateway/gateway.h"

namespace portolan::gateway {

// All that this gateway counts, in Prometheus' text format 0.0.4.
std::string render_metrics(Gateway& gateway);

}  // namespace portolan::gateway
