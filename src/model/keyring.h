#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "model/key_table.h"
#include "model/name_map.h"
#include "model/resources.h"
#include "model/version.h"

namespace portolan::model {

struct KeyringDelta;

// Orgs, workspaces and keys, as of one sequence number. Immutable after make(),
// which sorts orgs and workspaces by name; a WorkspaceIndex is a position in that
// order, valid in this Keyring and those that follow it with the same workspaces.
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
  const std::vector<Org>& orgs() const { return directory_->orgs; }
  const std::vector<Workspace>& workspaces() const { return directory_->workspaces; }
  const KeyTable& keys() const { return keys_; }
  // Copied out, each sorted by name or id.
  Content to_content() const;

  // Since when orgs and workspaces are what they are: two Keyrings of one gateway with
  // the same have the same.
  const Version& workspaces_version() const { return directory_->since; }
  const KeyRecord* find_key(std::string_view id) const { return keys_.find(id); }
  std::optional<WorkspaceIndex> find_workspace(std::string_view name) const;
  const Workspace& workspace(WorkspaceIndex workspace) const {
    return directory_->workspaces[workspace.value];
  }

 private:
  friend Result<Keyring> apply_deltas(const Keyring& keyring, std::span<const KeyringDelta> deltas);

  // What few changes are of, shared by all Keyrings between two of them.
  struct Directory {
    Version since;
    std::vector<Org> orgs;
    std::vector<Workspace> workspaces;
    NameMap<WorkspaceIndex> positions;
  };
  using DirectoryPointer = std::shared_ptr<const Directory>;

  Keyring() = default;
  static Result<DirectoryPointer> make_directory(std::vector<Org> orgs,
                                                 std::vector<Workspace> workspaces, Version since);
  static Status check_key(const Directory& directory, const KeyRecord& key);

  Version version_;
  DirectoryPointer directory_;
  KeyTable keys_;
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
