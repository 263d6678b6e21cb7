#pragma once

#include <string>

#include "gateway/gateway.h"

namespace portolan::gateway {

struct Readiness {
  bool ready = false;
  std::string reason;  // a sentence for the operator
};

// Whether a balancer should send requests of this region here: it has a World
// and Keyring, is not draining nor restricted, and some zone of the region has a healthy
// engine. Asks the other zones of the region only when its own has none.
runtime::Task<Readiness> ask_readiness(Gateway& gateway);

}  // namespace portolan::gateway
