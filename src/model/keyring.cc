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

Result<Keyring> Keyring::make(Content content, Version version) {
  sort_by(content.orgs, &Org::name);
  sort_by(content.workspaces, &Workspace::name);
  sort_by(content.keys, &KeyRecord::id);
  TRY_DO(check_names("org", content.orgs, &Org::name));
  TRY_DO(check_names("workspace", content.workspaces, &Workspace::name));
  TRY_DO(check_names("key", content.keys, &KeyRecord::id));

  Keyring keyring;
  for (std::size_t i = 0; i < content.workspaces.size(); ++i) {
    const Workspace& workspace = content.workspaces[i];
    if (!has_org(content.orgs, workspace.org)) {
      return invalid_resource(fmt::format("Workspace '{}' is of org '{}', which does not exist.",
                                          workspace.name, workspace.org));
    }
    keyring.workspaces_.emplace(workspace.name, WorkspaceIndex{static_cast<std::uint32_t>(i)});
  }
  keyring.keys_.reserve(content.keys.size());
  for (std::size_t i = 0; i < content.keys.size(); ++i) {
    const KeyRecord& key = content.keys[i];
    if (!keyring.workspaces_.contains(key.workspace)) {
      return invalid_resource(fmt::format("Key '{}' is of workspace '{}', which does not exist.",
                                          key.id, key.workspace));
    }
    keyring.keys_.emplace(key.id, i);
  }
  keyring.version_ = std::move(version);
  keyring.content_ = std::move(content);
  return keyring;
}

const KeyRecord* Keyring::find_key(std::string_view id) const {
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &content_.keys[found->second];
}

std::optional<WorkspaceIndex> Keyring::find_workspace(std::string_view name) const {
  const auto found = workspaces_.find(name);
  if (found == workspaces_.end()) return std::nullopt;
  return found->second;
}

Result<Keyring> apply_delta(const Keyring& keyring, const KeyringDelta& delta) {
  return apply_deltas(keyring, {&delta, 1});
}

}  // namespace portolan::model
