#pragma once

#include <string_view>

#include "model/request_facts.h"
#include "policy/authenticate.h"

namespace portolan::policy {

// What a request's head settles, before a byte of its body.
struct HeadZones {
  WorkspaceIndex workspace;
  model::ZoneMask key_zones;    // processing: workspace's and key's scopes
  model::ZoneMask zones;        // processing: these and the scope that the head names
  model::ZoneMask scope_entry;  // entry, as the scopes have it
  model::ZoneMask entry;        // entry, with the rules about data too
  bool anywhere = false;        // all scopes let the front door stand outside
};

// `scope_header` is empty when the head names no scope. Rules about data alone
// bind the entry also under `entry: anywhere`: a scope can place the front door
// outside itself, not outside the law. Errors: unknown_scope, world_skew.
Result<HeadZones> zones_of_head(const model::View& view, const Caller& caller,
                                std::string_view scope_header, WallTime now);

// Where the request may enter as its body has it. A region counts whole when any
// zone of it is left: a client reaches a region's front door and cannot choose the
// zone behind it. `anywhere` as in HeadZones: then `only` and `ignore` bind the
// executor alone. Errors: unknown_scope, scope_denied.
Result<model::ZoneMask> entry_of_body(const model::World& world, const model::Narrowing& narrowing,
                                      bool anywhere);

}  // namespace portolan::policy
