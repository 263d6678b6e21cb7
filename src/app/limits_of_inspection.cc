#include <array>

#include "app/limits.h"
#include "world/inspection.h"

namespace portolan::app {
namespace {

constexpr auto inspection_limits = std::to_array<const Limit*>({
    &world::inspect_answer_bytes_max,
    &world::inspect_engines_max,
    &world::inspect_models_max,
    &world::inspect_peers_max,
    &world::inspect_prompt_bytes_max,
    &world::inspect_prompts_max,
    &world::inspect_request_bytes_max,
    &world::inspect_text_bytes_max,
    &world::inspect_time_ms_max,
    &world::inspect_tokens_max,
});

}  // namespace

std::span<const Limit* const> limits_of_inspection() { return inspection_limits; }

}  // namespace portolan::app
