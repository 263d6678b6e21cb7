#pragma once

#include "model/world.h"

namespace portolan::policy {

// The zones that a rule's destination means. A zone is in it when its country,
// region, one of its groups or itself is listed, or when it has every label that
// is asked (the zone's own wins over its region's).
//
// A zone that lacks an asked label is unclassified, and denied either way: it is
// among the places of a `deny` and not among those of a `require`. So the answer
// depends on the rule's kind.
model::ZoneMask zones_of_places(const model::World& world, const model::Destination& places,
                                model::Rule::Kind kind);

}  // namespace portolan::policy
