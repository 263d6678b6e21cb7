#pragma once

#include "base/limits.h"

namespace portolan::gateway {

// What a gateway spends on the questions of control, beside world/inspection.h's limits.
inline constexpr Limit inspections_at_once_max{"inspections_at_once_max", 4,
                                               "that one gateway answers"};
inline constexpr Limit inspect_peers_at_once_max{"inspect_peers_at_once_max", 16,
                                                 "gateways that one inspection tries to reach"};
inline constexpr Limit inspect_engines_at_once_max{"inspect_engines_at_once_max", 4,
                                                   "engines that one inspection asks"};
inline constexpr Limit inspect_reach_ms{"inspect_reach_ms", 3'000,
                                        "to reach one gateway and measure its round trip"};
inline constexpr Limit inspect_engine_call_ms{"inspect_engine_call_ms", 60'000,
                                              "one question to an engine, with its answer"};
inline constexpr Limit inspect_engine_bytes_max{"inspect_engine_bytes_max", 1024 * 1024,
                                                "an engine's answer to one question"};
inline constexpr Limit inspect_health_wait_ms{"inspect_health_wait_ms", 3'000,
                                              "for the first probes of an engine that is new"};

}  // namespace portolan::gateway
