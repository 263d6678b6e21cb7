#include "policy/may_enter.h"

#include <fmt/format.h>

#include "policy/entry_zones.h"
#include "policy/sentence.h"
#include "policy/zones_under_rules.h"

namespace portolan::policy {
namespace {

using model::View;
using model::ZoneMask;

// Who asks for what, for the sentences below.
std::string asker(const View& view, const Caller& caller, WorkspaceIndex workspace,
                  std::string_view scope_header) {
  std::string out = fmt::format("the scopes of workspace {} ({})", in_quotes(caller.workspace_name),
                                list_in_quotes(view.keyring->workspace(workspace).scopes));
  if (!caller.key_scopes.empty()) {
    out += fmt::format(", of its key ({})", list_in_quotes(caller.key_scopes));
  }
  if (!scope_header.empty()) {
    out += fmt::format(" and 'portolan-scope' ({})", in_quotes(scope_header));
  }
  return out;
}

// The rules about data alone that take a zone of `wanted` from the workspace.
std::string data_rules_against(const View& view, WorkspaceIndex workspace, const ZoneMask& wanted,
                               WallTime now) {
  const RuleSubject subject{nullptr, view.keyring->workspace(workspace).labels, now};
  return "rules " + list_in_quotes(rules_against(*view.world, subject, wanted));
}

}  // namespace

Result<EntryGrant> may_enter(const View& view, const Caller& caller, ZoneIndex here,
                             std::string_view scope_header, WallTime now) {
  if (!view.complete()) return no_world();
  const model::World& world = *view.world;
  TRY(const auto head, zones_of_head(view, caller, scope_header, now));
  if (head.zones.empty()) {
    return refuse(Code::scope_denied,
                  fmt::format("No zone is in {} together.",
                              asker(view, caller, head.workspace, scope_header)));
  }
  if ((head.zones & view.masks->data_zones(head.workspace, now)).empty()) {
    return refuse(Code::scope_denied,
                  fmt::format("In {}, {} leave no zone to this workspace's data.",
                              asker(view, caller, head.workspace, scope_header),
                              data_rules_against(view, head.workspace, head.zones, now)));
  }
  if (!head.entry.contains(here)) {
    ZoneMask at_here;
    at_here.add(here);
    const std::string reason = head.scope_entry.contains(here)
                                   ? data_rules_against(view, head.workspace, at_here, now)
                                   : asker(view, caller, head.workspace, scope_header);
    return wrong_region(world, here, reason, entry_urls(view, caller, scope_header, {}, now));
  }
  const ZoneMask restricted = model::zones_restricted(world, view.restrictions->drained) |
                              model::zones_restricted(world, view.restrictions->denied);
  if (restricted.contains(here)) {
    return refuse_here(Code::draining,
                       fmt::format("Zone '{}' takes no new requests: it is drained or denied by a "
                                   "restriction. Send it to another zone or region.",
                                   world.zone(here).name));
  }
  return EntryGrant{.world = &world,
                    .here = here,
                    .key_zones = head.key_zones,
                    .zones = head.zones,
                    .anywhere = head.anywhere,
                    .scope = std::string(scope_header)};
}

}  // namespace portolan::policy
