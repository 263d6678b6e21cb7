#pragma once

#include <string>
#include <vector>

#include "world/inspection.h"

namespace portolan::control {

// What one engine says against itself about one prompt, a sentence each; whatever others say.
// Counts that it does not tell contradict nothing.
//
// Of a whole answer an engine may count the token that ends it, or not; a text that was cut within
// a character may be cut otherwise when it is counted anew. So its tokens may be off by an eighth,
// and by two; those of the prompt by none.
std::vector<std::string> contradictions(const world::PromptProbe& probe);

}  // namespace portolan::control
