#pragma once

#include <vector>

#include "gateway/engine_question.h"
#include "gateway/inspect_turns.h"
#include "world/inspection.h"

namespace portolan::gateway {

// Fills in what an engine says of itself and does with trials and prompts, until its deadline. What
// was found up to an engine's death, a hang or the deadline stays, with the reason. `found` has its
// deployment, model, kind and url already. Gives the engine no work while it has no room for it,
// and counts its own in flight.
runtime::Task<void> inspect_engine(AskedEngine& asked, InspectTurns& turns,
                                   std::vector<world::GoldenPrompt>& prompts,
                                   world::EngineInspection& found);

}  // namespace portolan::gateway
