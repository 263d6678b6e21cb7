#pragma once

#include "base/limits.h"
#include "gateway/usage_limits.h"

namespace portolan::gateway {

// What a gateway keeps beside the usage log's limits.
inline constexpr Limit control_retry_ms_max{
    "control_retry_ms_max", 3'000,
    "until a control that did not answer is asked again; a restriction is due within 5 s"};

}  // namespace portolan::gateway
