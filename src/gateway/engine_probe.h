#pragma once

#include "gateway/gateway.h"

namespace portolan::gateway {

// Asks the engines of this zone for their health, each once a probe interval,
// until cancelled. Nobody else probes them.
runtime::Task<void> probe_engines(Gateway& gateway);

}  // namespace portolan::gateway
