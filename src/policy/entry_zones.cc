#include "policy/entry_zones.h"

#include "policy/zones_of_narrowing.h"
#include "policy/zones_of_scopes.h"

namespace portolan::policy {
namespace {

using model::ZoneMask;

ZoneMask whole_regions(const model::World& world, const ZoneMask& zones) {
  ZoneMask whole;
  zones.for_each([&](ZoneIndex zone) { whole |= world.zones_of_region(world.region_of(zone)); });
  return whole;
}

}  // namespace

Result<HeadZones> zones_of_head(const model::View& view, const Caller& caller,
                                std::string_view scope_header, WallTime now) {
  const model::World& world = *view.world;
  TRY(const auto workspace, workspace_of(view, caller));
  TRY(const auto scopes,
      zones_of_scopes(world, view.keyring->workspace(workspace).scopes, caller.key_scopes));
  HeadZones head{.workspace = workspace,
                 .key_zones = scopes.zones,
                 .zones = scopes.zones,
                 .scope_entry = scopes.entry,
                 .entry = {},
                 .anywhere = scopes.anywhere};
  if (!scope_header.empty()) {
    TRY(const auto requested, zones_of_requested_scope(world, scope_header));
    head.zones &= requested.zones;
    head.scope_entry &= requested.entry;
    head.anywhere = head.anywhere && requested.anywhere;
  }
  head.entry = head.scope_entry & view.masks->data_zones(workspace, now);
  return head;
}

Result<ZoneMask> entry_of_body(const model::World& world, const model::Narrowing& narrowing,
                               bool anywhere) {
  ZoneMask entry = ZoneMask::all(world.zone_count());
  if (!narrowing.scope.empty()) {
    TRY(const auto requested, zones_of_requested_scope(world, narrowing.scope));
    entry &= whole_regions(world, requested.entry);
  }
  TRY(const auto named, zones_of_narrowing(world, narrowing.only, narrowing.ignore));
  if (!anywhere) entry &= whole_regions(world, named);
  return entry;
}

}  // namespace portolan::policy
