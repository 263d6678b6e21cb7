#pragma once

#include <string>
#include <vector>

#include "policy/guard_change.h"

namespace portolan::policy {

// One sentence for each workspace that a change leaves no zone for a model which
// it could run before, at `now` or from a later date on: by its scopes, by rules
// and by where the model is deployed. A model that is deployed nowhere any more,
// and a workspace without scopes, are found by their own empty sets. One workspace
// stands for all of the same scopes and labels.
std::vector<std::string> lost_models(const Standing& before, const Standing& after, WallTime now);

}  // namespace portolan::policy
