#pragma once

#include "gateway/engine_question.h"
#include "world/inspection.h"

namespace portolan::gateway {

// Work that an engine is given to see what it makes of it, one piece after the other, each when it
// has room and counted in flight. What the engine does wrong is told in what was found; a Status
// says why nothing more can be asked of it: down, full until the deadline, cancelled.

// Chat, completions, a stream, and usage in it, with a token each.
runtime::Task<Status> try_features(AskedEngine& asked, world::EngineInspection& found);

// The prompt as a whole answer and as a stream, and all counts that there are. What was found is
// added to `probe`.
runtime::Task<Status> try_prompt(AskedEngine& asked, world::GoldenPrompt& prompt,
                                 world::PromptProbe& probe);

}  // namespace portolan::gateway
