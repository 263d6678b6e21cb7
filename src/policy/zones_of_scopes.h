#pragma once

#include <span>
#include <string>
#include <string_view>

#include "model/world.h"

namespace portolan::policy {

// What a list of scopes permits together.
struct ScopeZones {
  model::ZoneMask zones;  // where a request may be processed
  model::ZoneMask entry;  // where it may enter
  bool anywhere = false;  // a scope of the list lets it enter outside itself
};

// The union of the scopes of these names. Errors: world_skew for a name that the
// World does not know: a Keyring names it, so somewhere there is a World that
// does, and guessing what it holds could widen it.
Result<ScopeZones> zones_of_scopes(const model::World& world, std::span<const std::string> names);

// What the workspace's scopes and the key's permit together; a key with no scope
// of its own narrows nothing.
Result<ScopeZones> zones_of_scopes(const model::World& world,
                                   std::span<const std::string> workspace_scopes,
                                   std::span<const std::string> key_scopes);

// One scope that a request names. Errors: unknown_scope.
Result<ScopeZones> zones_of_requested_scope(const model::World& world, std::string_view name);

}  // namespace portolan::policy
