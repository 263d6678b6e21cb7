#pragma once

#include "model/resources.h"

namespace portolan::policy {

// Whether requests of the workspace may be computed in more places by the second than by the
// first: it names a scope more, or has other labels, which rules may ask for. Labels are not held
// against the rules: a rule of tomorrow may ask for them.
bool widens_workspace(const model::Workspace& before, const model::Workspace& after);

}  // namespace portolan::policy
