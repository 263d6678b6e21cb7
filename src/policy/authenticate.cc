#include "policy/authenticate.h"

#include <fmt/format.h>

#include "model/credential.h"
#include "policy/sentence.h"

namespace portolan::policy {
namespace {

using model::KeyRecord;
using model::View;

// A gateway that control has never told that its Keyring is current may lack keys: it began
// with a snapshot, and what leads on from it is still to come.
Fault unknown_key(const View& view) {
  if (!view.ever_confirmed()) return no_world();
  return refuse(Code::unknown_key,
                "No such key exists in this network, as far as this gateway knows.");
}

// The caller of a key that is known to be his own.
Result<Caller> caller_of(const View& view, const KeyRecord& key, WallTime now) {
  if (key.revoked || view.restrictions->revoked_keys.contains(key.id)) {
    return refuse(Code::revoked_key, fmt::format("Key {} was revoked.", in_quotes(key.id)));
  }
  if (now >= key.expires) {
    return refuse(Code::expired_key, fmt::format("Key {} has expired.", in_quotes(key.id)));
  }
  const auto index = view.keyring->find_workspace(key.workspace);
  check(index.has_value(), "Keyring::make holds that every key has its workspace");
  const model::Workspace& workspace = view.keyring->workspace(*index);
  const Duration age = now - view.keyring_confirmed;
  if (age > workspace.key_freshness) {
    return refuse_here(
        Code::expired_key,
        fmt::format("This gateway last heard {:.0f} s ago that its Keyring is current, and "
                    "'key_freshness' of workspace {} allows {:.0f} s; it may have missed a "
                    "revocation. Use another region, or ask the operator about the control plane.",
                    age.seconds(), in_quotes(workspace.name), workspace.key_freshness.seconds()));
  }
  return Caller{*index, workspace.name, key.id, key.scopes};
}

}  // namespace

Result<Caller> authenticate(const View& view, std::string_view key_text, WallTime now) {
  if (key_text.empty()) {
    return refuse(Code::missing_key, "The request carries no key.");
  }
  TRY(const auto credential, model::parse_credential(key_text));
  if (!view.complete()) return no_world();
  const KeyRecord* key = view.keyring->find_key(credential.id);
  if (!key || !model::equal_digests(key->digest, credential.digest)) return unknown_key(view);
  return caller_of(view, *key, now);
}

Result<Caller> authenticate_again(const View& view, const Caller& caller, WallTime now) {
  if (!view.complete()) return no_world();
  const KeyRecord* key = view.keyring->find_key(caller.key_id);
  if (!key || key->workspace != caller.workspace_name) return unknown_key(view);
  return caller_of(view, *key, now);
}

Result<WorkspaceIndex> workspace_of(const View& view, const Caller& caller) {
  const auto& workspaces = view.keyring->workspaces();
  if (caller.workspace.value < workspaces.size() &&
      workspaces[caller.workspace.value].name == caller.workspace_name) {
    return caller.workspace;
  }
  if (const auto moved = view.keyring->find_workspace(caller.workspace_name)) return *moved;
  return refuse_here(Code::world_skew,
                     fmt::format("This gateway's Keyring does not hold workspace {}.",
                                 in_quotes(caller.workspace_name)));
}

}  // namespace portolan::policy
