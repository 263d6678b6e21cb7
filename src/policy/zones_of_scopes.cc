#include "policy/zones_of_scopes.h"

#include <fmt/format.h>

#include "policy/sentence.h"

namespace portolan::policy {
namespace {

void add(ScopeZones& sum, const model::World& world, ScopeIndex scope) {
  sum.zones |= world.zones_of_scope(scope);
  sum.anywhere |= world.scope(scope).entry == model::Entry::anywhere;
  sum.entry = sum.anywhere ? model::ZoneMask::all(world.zone_count()) : sum.zones;
}

}  // namespace

Result<ScopeZones> zones_of_scopes(const model::World& world, std::span<const std::string> names) {
  ScopeZones sum;
  for (const std::string& name : names) {
    const auto scope = world.find_scope(name);
    if (!scope) {
      return refuse_here(
          Code::world_skew,
          fmt::format("The Keyring names scope {}, which this gateway's World (version {}) does "
                      "not hold; what it permits is not guessed.",
                      in_quotes(name), world.version().number));
    }
    add(sum, world, *scope);
  }
  return sum;
}

Result<ScopeZones> zones_of_scopes(const model::World& world,
                                   std::span<const std::string> workspace_scopes,
                                   std::span<const std::string> key_scopes) {
  TRY(auto both, zones_of_scopes(world, workspace_scopes));
  if (key_scopes.empty()) return both;
  TRY(const auto key, zones_of_scopes(world, key_scopes));
  both.zones &= key.zones;
  both.entry &= key.entry;
  both.anywhere = both.anywhere && key.anywhere;
  return both;
}

Result<ScopeZones> zones_of_requested_scope(const model::World& world, std::string_view name) {
  const auto scope = world.find_scope(name);
  if (!scope) {
    return refuse(
        Code::unknown_scope,
        fmt::format("The request names scope {}, and no scope has that name.", in_quotes(name)));
  }
  ScopeZones zones;
  add(zones, world, *scope);
  return zones;
}

}  // namespace portolan::policy
