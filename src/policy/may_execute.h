#pragma once

#include "model/hop_facts.h"
#include "model/view.h"

namespace portolan::policy {

// May zone `here` execute what another gateway forwarded? The executor asks by
// itself, under its own World, Keyring and Restrictions and from names alone, so
// that a stale or wrong entry cannot place a request where it may not be.
//
// Both gateways' scopes and labels count, so the narrower one decides. Returns the
// model to run. Errors: no_world, else world_skew for every refusal; both
// Retry::elsewhere, because nothing was done and another zone may agree.
Result<ModelIndex> may_execute(const model::View& view, const model::HopFacts& facts,
                               ZoneIndex here, WallTime now);

}  // namespace portolan::policy
