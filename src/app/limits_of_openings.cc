#include <array>

#include "app/limits.h"
#include "control/gate_place.h"
#include "control/opening_driver.h"
#include "control/opening_limits.h"
#include "model/opening.h"
#include "policy/judge_share.h"

namespace portolan::app {
namespace {

constexpr auto opening_limits = std::to_array<const Limit*>({
    &model::openings_max,
    &control::opening_certificate_ms_min,
    &control::opening_silence_ms_max,
    &control::opening_looks_at_once_max,
    &control::opening_zones_elsewhere_max,
    &control::opening_engine_zones_max,
    &control::opening_engines_ms_max,
    &control::opening_reach_ms_max,
    &control::opening_probes_max,
    &control::opening_probes_ms_max,
    &control::opening_probes_at_once_max,
    &control::opening_probe_ms_max,
    &control::opening_probe_bytes_max,
    &control::opening_probe_tokens,
    &control::opening_refusal_zones_max,
    &control::opening_drill_probes_max,
    &control::opening_record_ms_max,
    &control::opening_told_ms_max,
    &control::opening_key_ms,
    &control::opening_key_ms_left,
    &control::opening_others_ms,
    &control::opening_lift_ms_max,
    &control::opening_driver_ms,
    &control::opening_gate_ms,
    &control::opening_retry_ms,
    &policy::opening_quiet_ms,
    &policy::opening_watch_ms,
});

}  // namespace

std::span<const Limit* const> limits_of_openings() { return opening_limits; }

}  // namespace portolan::app
