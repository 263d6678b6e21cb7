#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/change.h"
#include "control/state.h"

namespace portolan::control {

// A workspace that is to be computed in more places goes to the zones with the World that it came
// with: until their turn has come, gateways are sent it as it was, under the same numbers of the
// Keyring. Keys, and every other workspace, do not wait.

// The workspaces of the wish that widen, as they stand before it.
std::vector<ResourceName> widened_workspaces(const State& state, const Wish& wish);

// Those that a rollout holds back; nothing of `contents` else. `before` is where they are as they
// were.
struct FormerWorkspaces {
  const world::Contents* before = nullptr;
  const std::vector<ResourceName>* names = nullptr;

  // Null for a workspace that is not held back.
  const model::Workspace* find(const std::string& name) const;
};
// Of the rollout that is under way; finds none without one.
FormerWorkspaces former_workspaces(const State& state);
// The same when the change has come true.
FormerWorkspaces former_workspaces(const State& state, const Change& change);

// That delta's payload for gateways whose turn has not come; nothing where it is the same.
std::optional<std::string> former_delta(const FormerWorkspaces& former, std::string_view payload);

// The Keyring for them, copied out of the State.
model::Keyring::Content former_keyring_content(const State& state);

}  // namespace portolan::control
