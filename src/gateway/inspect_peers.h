#pragma once

#include <string>

#include "gateway/gateway.h"
#include "world/inspection.h"

namespace portolan::gateway {

// Tries to reach another gateway of the World at its hop address, and measures its round trip: the
// median of five questions for its health on one connection of its own.
runtime::Task<world::PeerReach> reach_peer(Gateway& gateway, std::string id, Instant deadline);

}  // namespace portolan::gateway
