#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/view.h"

namespace portolan::policy {

// Who sent a request. The workspace's position is of the Keyring it was
// authenticated under; its name holds under any.
struct Caller {
  WorkspaceIndex workspace;
  std::string workspace_name;
  std::string key_id;
  std::vector<std::string> key_scopes;  // narrows the workspace's; empty: all of them
  friend bool operator==(const Caller&, const Caller&) = default;
};

// The caller whose key this is; an empty text is no key.
//
// Errors, in this order: missing_key, malformed_key, no_world (also in place of unknown_key
// before control ever said that this Keyring is current), unknown_key (also
// for a known id with another secret, in the same words, so that ids cannot be
// probed), revoked_key, expired_key (also when this gateway's Keyring is older
// than the workspace's `key_freshness`: a revocation may be missing from it).
Result<Caller> authenticate(const model::View& view, std::string_view key_text, WallTime now);

// The same caller under a view read later, before another attempt: its key may
// have been revoked, have expired or have been narrowed since.
Result<Caller> authenticate_again(const model::View& view, const Caller& caller, WallTime now);

// The position of the caller's workspace in this view's Keyring, whichever
// Keyring authenticated it. Errors: world_skew when it is not there.
Result<WorkspaceIndex> workspace_of(const model::View& view, const Caller& caller);

}  // namespace portolan::policy
