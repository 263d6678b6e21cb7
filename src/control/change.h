#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "control/state.h"
#include "model/world.h"
#include "store/control_store.h"
#include "world/resource.h"

namespace portolan::control {

// What somebody wants to be different.
struct Wish {
  // With the resources changed, when any is; and which ones those are.
  std::shared_ptr<const world::Contents> contents;
  std::vector<world::Resource> put;
  std::vector<ResourceName> removed;
  std::vector<model::KeyRecord> keys;               // new and revoked ones
  std::optional<model::Restrictions> restrictions;  // as they are to be
  std::optional<Rollout> rollout;                   // as it is to be
  // Workspaces that zones get only now, to be told once more.
  std::vector<model::Workspace> told_again;
};

// That wish as the store is told of it, and what gateways will be sent. A value:
// nothing has happened yet.
struct Change {
  Wish wish;
  Numbers numbers;
  std::optional<std::string> world_payload;  // of a new World
  std::optional<KeptDelta> delta;            // of a new Keyring, when it is small
  std::vector<std::uint64_t> forgotten;      // deltas that are no longer kept
  std::optional<model::Restrictions> restrictions;
  bool begins_rollout = false;
  std::vector<ResourceName> former;  // the network's resources that a new rollout changes
  store::Transaction transaction;

  bool new_keyring(const State& state) const { return numbers.keyring != state.numbers.keyring; }
};

// Errors: invalid_resource when no World can be made of it; invalid_parameter
// over a limit.
Result<Change> compile_change(const State& state, Wish wish);

// The same state under another epoch, as the store is told of it. Deltas lead from
// number to number within one epoch alone: none is kept.
struct RaisedEpoch {
  Numbers numbers;
  store::Transaction transaction;
};
RaisedEpoch compile_epoch(const State& state, std::uint64_t epoch);

// `state` after the store took the change as that revision.
void apply_change(State& state, Change change, std::uint64_t revision);

}  // namespace portolan::control
