#include "control/former_keyring.h"

#include <algorithm>

#include "base/check.h"
#include "control/documents.h"
#include "policy/widens_workspace.h"
#include "world/codec.h"

namespace portolan::control {
namespace {

const model::Workspace* find_workspace(const world::Contents& contents, const std::string& name) {
  const auto found = std::ranges::find(contents.workspaces, name, &model::Workspace::name);
  return found == contents.workspaces.end() ? nullptr : &*found;
}

}  // namespace

std::vector<ResourceName> widened_workspaces(const State& state, const Wish& wish) {
  std::vector<ResourceName> names;
  for (const auto& resource : wish.put) {
    const auto* workspace = std::get_if<model::Workspace>(&resource);
    if (workspace == nullptr) continue;
    const auto* before = find_workspace(*state.contents, workspace->name);
    if (before == nullptr || !policy::widens_workspace(*before, *workspace)) continue;
    names.emplace_back(world::Kind::workspace, workspace->name);
  }
  return names;
}

const model::Workspace* FormerWorkspaces::find(const std::string& name) const {
  if (names == nullptr) return nullptr;
  const ResourceName wanted(world::Kind::workspace, name);
  if (std::ranges::find(*names, wanted) == names->end()) return nullptr;
  return find_workspace(*before, name);
}

FormerWorkspaces former_workspaces(const State& state) {
  if (!state.rolling_out()) return {};
  return {state.before.get(), &state.former};
}

FormerWorkspaces former_workspaces(const State& state, const Change& change) {
  if (change.begins_rollout) return {state.contents.get(), &change.former};
  if (change.wish.rollout && !change.wish.rollout->active()) return {};
  return former_workspaces(state);
}

std::optional<std::string> former_delta(const FormerWorkspaces& former, std::string_view payload) {
  auto delta = world::decode_keyring_delta(payload);
  check(delta.has_value(), "a delta that was kept is one");
  bool differs = false;
  for (auto& workspace : delta->workspaces) {
    const auto* before = former.find(workspace.name);
    if (before == nullptr || *before == workspace) continue;
    workspace = *before;
    differs = true;
  }
  if (!differs) return std::nullopt;
  return world::encode_keyring_delta(*delta);
}

model::Keyring::Content former_keyring_content(const State& state) {
  auto content = keyring_content(state);
  const auto former = former_workspaces(state);
  for (auto& workspace : content.workspaces) {
    if (const auto* before = former.find(workspace.name)) workspace = *before;
  }
  return content;
}

}  // namespace portolan::control
