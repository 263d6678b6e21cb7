#pragma once

#include <vector>

#include "base/result.h"
#include "model/restrictions.h"
#include "policy/guard_change.h"
#include "world/resource.h"

namespace portolan::control {

// What the guard of policy/guard_change.h says to a change of what is stored.
// Errors: as World::make, of contents that no World can be made of.
Result<std::vector<policy::Objection>> object_to(const world::Contents& before,
                                                 const world::Contents& after, WallTime now);
Result<std::vector<policy::Objection>> object_to(const world::Contents& contents,
                                                 const model::Restrictions& before,
                                                 const model::Restrictions& after);

// A line for each of the first ones: change_guarded.
Fault guarded(const std::vector<policy::Objection>& objections);

}  // namespace portolan::control
