#pragma once

#include "base/limits.h"

namespace portolan::control {

// What one look at a place that is opened may take.
inline constexpr Limit opening_looks_at_once_max{
    "opening_looks_at_once_max", 16, "zones whose gateways are asked to look around at once"};
inline constexpr Limit opening_zones_elsewhere_max{
    "opening_zones_elsewhere_max", 128,
    "zones elsewhere of which a gateway tries to reach the place; one of each region first"};
inline constexpr Limit opening_engine_zones_max{
    "opening_engine_zones_max", 3, "zones elsewhere whose engines a model is compared with"};
inline constexpr Limit opening_engines_ms_max{"opening_engines_ms_max", 240'000,
                                              "for the engines of one zone to show what they are"};
inline constexpr Limit opening_reach_ms_max{"opening_reach_ms_max", 30'000,
                                            "for one gateway to try to reach the others"};
inline constexpr Limit opening_probes_max{
    "opening_probes_max", 4'096, "of one look: each model of each zone, whole and streamed"};
inline constexpr Limit opening_probes_at_once_max{"opening_probes_at_once_max", 16,
                                                  "that go on at once"};
inline constexpr Limit opening_probe_ms_max{"opening_probe_ms_max", 30'000,
                                            "for a front door to answer a probe"};
inline constexpr Limit opening_probes_ms_max{"opening_probes_ms_max", 120'000,
                                             "for all probes of one gate or drill to be asked"};
inline constexpr Limit opening_probe_bytes_max{"opening_probe_bytes_max", 256 * 1024,
                                               "of the answer to a probe"};
inline constexpr Limit opening_probe_tokens{"opening_probe_tokens", 8, "that a probe asks for"};
inline constexpr Limit opening_refusal_zones_max{
    "opening_refusal_zones_max", 8, "neighbours that are asked for what may not get to the place"};
inline constexpr Limit opening_drill_probes_max{
    "opening_drill_probes_max", 1'024, "while one zone is drained: each model at one door"};
inline constexpr Limit opening_record_ms_max{"opening_record_ms_max", 15'000,
                                             "for a probe's record to get into the ledger"};
inline constexpr Limit opening_told_ms_max{"opening_told_ms_max", 15'000,
                                           "for gateways to hold a key, or the drain of a zone"};
inline constexpr Limit opening_others_ms{
    "opening_others_ms", 3'000, "for gateways that poll other controls of the same store, beside"};
inline constexpr Limit opening_key_ms{"opening_key_ms", 900'000, "a probing key is good for"};
inline constexpr Limit opening_key_ms_left{"opening_key_ms_left", 300'000,
                                           "a probing key with less to go is not used again"};
inline constexpr Limit opening_lift_ms_max{"opening_lift_ms_max", 30'000,
                                           "to lift a drain, also where the one who asked is gone"};

}  // namespace portolan::control
