#pragma once

#include <string>
#include <string_view>

#include "policy/authenticate.h"
#include "policy/entry_urls.h"

namespace portolan::policy {

// That a request may come in at a gateway, and what its head has narrowed it to.
// Masks and positions are of `world`, which is here to be compared, not read.
struct EntryGrant {
  const model::World* world = nullptr;
  ZoneIndex here;
  model::ZoneMask key_zones;  // workspace's and key's scopes
  model::ZoneMask zones;      // these and the scope that the head names
  bool anywhere = false;      // the scopes let the front door stand outside
  std::string scope;          // of `portolan-scope`; empty: none
};

// May a request with this head be taken in in zone `here`? Asked before a byte
// of the body is read, because a body in the wrong country cannot be unread.
//
// `scope_header` is the value of `portolan-scope`, empty when absent. The entry
// stands in a scope of the workspace, of the key and in the one the head names,
// each unless it says `entry: anywhere`; and no rule about data alone (one that
// asks nothing of weights) keeps the workspace's data out of `here`. Where
// models are deployed does not matter: the request is forwarded.
//
// Errors: no_world, unknown_scope, world_skew (the Keyring names a scope that
// the World does not know), scope_denied (nothing is left anywhere), wrong_region
// (ends in the URLs that would do), draining (`here` is drained or denied).
Result<EntryGrant> may_enter(const model::View& view, const Caller& caller, ZoneIndex here,
                             std::string_view scope_header, WallTime now);

}  // namespace portolan::policy
