#pragma once

#include <string>
#include <vector>

#include "policy/guard_change.h"

namespace portolan::policy {

// One sentence for each rule of `before` that keeps something out of a zone which
// `after` lets it into, at `now` or any later date at which a rule begins or ends.
// What is asked is what rules answer and not how they are written, so that a rule
// may be moved, split or sharpened, and a forgotten label is found.
std::vector<std::string> loosened_rules(const Standing& before, const Standing& after,
                                        WallTime now);

}  // namespace portolan::policy
