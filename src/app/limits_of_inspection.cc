#include <array>

#include "app/limits.h"
#include "control/golden.h"
#include "gateway/inspect_limits.h"
#include "world/inspection.h"

namespace portolan::app {
namespace {

constexpr auto inspection_limits = std::to_array<const Limit*>({
    &control::golden_interval_ms,       &control::golden_run_ms_max,
    &control::golden_spread_ms,         &control::golden_zone_ms_max,
    &control::golden_zones_at_once_max, &control::inspect_grace_ms,
    &gateway::inspections_at_once_max,  &gateway::inspect_engine_bytes_max,
    &gateway::inspect_engine_call_ms,   &gateway::inspect_engines_at_once_max,
    &gateway::inspect_health_wait_ms,   &gateway::inspect_peers_at_once_max,
    &gateway::inspect_reach_ms,         &world::inspect_answer_bytes_max,
    &world::inspect_engines_max,        &world::inspect_models_max,
    &world::inspect_peers_max,          &world::inspect_prompt_bytes_max,
    &world::inspect_prompts_max,        &world::inspect_request_bytes_max,
    &world::inspect_text_bytes_max,     &world::inspect_time_ms_max,
    &world::inspect_tokens_max,
});

}  // namespace

std::span<const Limit* const> limits_of_inspection() { return inspection_limits; }

}  // namespace portolan::app
