#pragma once

#include <cstdint>

#include "base/random.h"
#include "base/time.h"

namespace portolan::gateway {

// How long to wait after so many failures in a row, at least one. The longer
// control is away the wider gateways are spread, so that they do not come back
// to it all at once: a connection costs it more than a poll.
Duration control_pause(std::uint32_t failures, Random& random);

}  // namespace portolan::gateway
