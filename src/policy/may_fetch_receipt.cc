#include "policy/may_fetch_receipt.h"

#include <fmt/format.h>

#include "policy/entry_zones.h"
#include "policy/sentence.h"

namespace portolan::policy {

Status may_fetch_receipt(const model::View& view, const Caller& caller,
                         std::string_view scope_header, ZoneIndex zone, ReceiptRole role,
                         WallTime now) {
  if (!view.complete()) return no_world();
  TRY(const auto head, zones_of_head(view, caller, scope_header, now));
  model::ZoneMask zones = head.entry;
  if (role == ReceiptRole::executor) {
    zones = head.zones & view.masks->data_zones(head.workspace, now);
  }
  zones = zones - model::zones_restricted(*view.world, view.restrictions->denied);
  if (zones.contains(zone)) return {};
  return refuse(Code::scope_denied,
                fmt::format("The receipt is in zone '{}', which is not among the zones that "
                            "workspace '{}' may use through this key now.",
                            view.world->zone(zone).name, caller.workspace_name));
}

}  // namespace portolan::policy
