#pragma once

#include "base/limits.h"
#include "gateway/usage_limits.h"

namespace portolan::gateway {

// What a gateway keeps beside the usage log's limits.
inline constexpr Limit control_retry_ms_max{
    "control_retry_ms_max", 3'000,
    "until a control that did not answer is asked again; a restriction is due within 5 s"};
inline constexpr Limit decisions_kept_max{"decisions_kept_max", 1'000,
                                          "answers on which a gateway tries a new World"};
inline constexpr Limit load_samples_max{
    "load_samples_max", 600, "probe intervals over which a zone's load is told to control"};
inline constexpr Limit trial_decisions_min{"trial_decisions_min", 20,
                                           "with fewer decisions no World is surely a mistake"};

}  // namespace portolan::gateway
