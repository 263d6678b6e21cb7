#pragma once

#include "gateway/control_feed.h"
#include "gateway/gateway.h"

namespace portolan::gateway {

// Asks the engines of this zone for their health, each once a probe interval,
// until cancelled, and tells `feed` what it finds. Nobody else probes them.
runtime::Task<void> probe_engines(Gateway& gateway, ControlFeed& feed);

}  // namespace portolan::gateway
