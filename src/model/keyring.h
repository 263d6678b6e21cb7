#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "base/time.h"
#include "model/name_map.h"
#include "model/resources.h"
#include "model/version.h"

namespace portolan::model {

using KeyDigest = std::array<unsigned char, 32>;  // SHA-256 of the whole key text

struct KeyRecord {
  std::string id;  // public part of ptl_<id>_...
  std::string workspace;
  KeyDigest digest{};
  std::vector<std::string> scopes;  // narrows the workspace's; empty: all of them
  WallTime created;
  WallTime expires{INT64_MAX};
  bool revoked = false;  // a tombstone: kept so that an older delta cannot bring the key back
  friend bool operator==(const KeyRecord&, const KeyRecord&) = default;
};

// Orgs, workspaces and keys, as of one sequence number. Immutable after make(),
// which sorts each by name or id; a WorkspaceIndex is a position in that order,
// valid in this Keyring alone.
class Keyring {
 public:
  struct Content {
    std::vector<Org> orgs;
    std::vector<Workspace> workspaces;
    std::vector<KeyRecord> keys;
    friend bool operator==(const Content&, const Content&) = default;
  };

  // Errors: invalid_resource for a repeated or unusable name or id, or a key or
  // workspace whose workspace or org is missing.
  static Result<Keyring> make(Content content, Version version);

  const Version& version() const { return version_; }
  const Content& content() const { return content_; }
  const KeyRecord* find_key(std::string_view id) const;
  std::optional<WorkspaceIndex> find_workspace(std::string_view name) const;
  const Workspace& workspace(WorkspaceIndex workspace) const {
    return content_.workspaces[workspace.value];
  }

 private:
  Keyring() = default;

  Version version_;
  Content content_;
  NameMap<std::size_t> keys_;
  NameMap<WorkspaceIndex> workspaces_;
};

// One numbered change of a Keyring: `from` + 1 == `to`. Revoked keys come as
// records with `revoked` set.
struct KeyringDelta {
  Version to;
  std::vector<Org> orgs;              // added or replaced
  std::vector<Workspace> workspaces;  // added or replaced
  std::vector<KeyRecord> keys;        // added or replaced
  friend bool operator==(const KeyringDelta&, const KeyringDelta&) = default;
};

// Errors: stale_version when `delta` is not the very next one; invalid_resource
// as Keyring::make, and for a key that would come back from its tombstone.
Result<Keyring> apply_delta(const Keyring& keyring, const KeyringDelta& delta);

}  // namespace portolan::model
