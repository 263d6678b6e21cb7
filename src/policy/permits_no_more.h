#pragma once

#include "model/world.h"

namespace portolan::policy {

// Whether `older` surely permits nothing that `newer` forbids: `newer` has every
// resource of `older`, unchanged, and the very same rules. A gateway whose newest
// World cannot be read may then serve by the one before it, and P1 holds.
//
// It is sure, and no more than that: a new engine beside an old one, or a rule
// that only loosens, is taken for a change that forbids.
bool permits_no_more(const model::World& older, const model::World& newer);

}  // namespace portolan::policy
