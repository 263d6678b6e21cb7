#pragma once

#include "world/problem.h"
#include "world/resource_set.h"

namespace portolan::world {

// Everything that must hold between resources: each name that one gives another
// exists, no name means two things, no scope is empty, and the limits of a World.
void check_references(const ResourceSet& set, ProblemList& problems);

}  // namespace portolan::world
