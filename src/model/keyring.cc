#include "model/keyring.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/keyring_changes.h"
#include "model/name.h"

namespace portolan::model {
namespace {

Fault repeated(std::string_view kind, std::string_view name) {
  return invalid_resource(fmt::format("The Keyring holds {} '{}' twice.", kind, name));
}

template <class Record, class Name>
Status check_names(std::string_view kind, const std::vector<Record>& sorted, Name name) {
  const Record* last = nullptr;
  for (const Record& record : sorted) {
    if (!usable_name(record.*name)) return unusable_name(kind, record.*name);
    if (last && last->*name == record.*name) return repeated(kind, record.*name);
    last = &record;
  }
  return {};
}

bool has_org(const std::vector<Org>& sorted, const std::string& name) {
  return std::ranges::binary_search(sorted, name, {}, &Org::name);
}

// A Keyring's payload has them in this order.
template <class Record, class Name>
void sort_by(std::vector<Record>& records, Name name) {
  if (!std::ranges::is_sorted(records, {}, name)) std::ranges::sort(records, {}, name);
}

}  // namespace

Result<Keyring::DirectoryPointer> Keyring::make_directory(std::vector<Org> orgs,
                                                          std::vector<Workspace> workspaces,
                                                          Version since) {
  sort_by(orgs, &Org::name);
  sort_by(workspaces, &Workspace::name);
  TRY_DO(check_names("org", orgs, &Org::name));
  TRY_DO(check_names("workspace", workspaces, &Workspace::name));
  auto made = std::make_shared<Directory>();
  for (std::size_t i = 0; i < workspaces.size(); ++i) {
    const Workspace& workspace = workspaces[i];
    if (!has_org(orgs, workspace.org)) {
      return invalid_resource(fmt::format("Workspace '{}' is of org '{}', which does not exist.",
                                          workspace.name, workspace.org));
    }
    made->positions.emplace(workspace.name, WorkspaceIndex{static_cast<std::uint32_t>(i)});
  }
  made->since = std::move(since);
  made->orgs = std::move(orgs);
  made->workspaces = std::move(workspaces);
  return made;
}

Status Keyring::check_key(const Directory& directory, const KeyRecord& key) {
  if (!usable_name(key.id)) return unusable_name("key", key.id);
  if (directory.positions.contains(key.workspace)) return {};
  return invalid_resource(
      fmt::format("Key '{}' is of workspace '{}', which does not exist.", key.id, key.workspace));
}

Result<Keyring> Keyring::make(Content content, Version version) {
  Keyring keyring;
  TRY(keyring.directory_,
      make_directory(std::move(content.orgs), std::move(content.workspaces), version));
  for (const KeyRecord& key : content.keys) TRY_DO(check_key(*keyring.directory_, key));
  TRY(keyring.keys_, KeyTable::make(content.keys));
  keyring.version_ = std::move(version);
  return keyring;
}

Keyring::Content Keyring::to_content() const {
  Content content{orgs(), workspaces(), {}};
  content.keys.reserve(keys_.size());
  for (const KeyRecord* key : keys_.sorted()) content.keys.push_back(*key);
  return content;
}

std::optional<WorkspaceIndex> Keyring::find_workspace(std::string_view name) const {
  const auto found = directory_->positions.find(name);
  if (found == directory_->positions.end()) return std::nullopt;
  return found->second;
}

Result<Keyring> apply_delta(const Keyring& keyring, const KeyringDelta& delta) {
  return apply_deltas(keyring, {&delta, 1});
}

}  // namespace portolan::model
