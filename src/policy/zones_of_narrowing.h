#pragma once

#include <span>
#include <string>

#include "model/world.h"

namespace portolan::policy {

// The zones that a body's `only` and `ignore` leave. A name that nobody knows
// denies: in `only` it adds nothing, in `ignore` it could mean any zone, so all
// are refused. Errors: scope_denied, with that name.
Result<model::ZoneMask> zones_of_narrowing(const model::World& world,
                                           std::span<const std::string> only,
                                           std::span<const std::string> ignore);

}  // namespace portolan::policy
