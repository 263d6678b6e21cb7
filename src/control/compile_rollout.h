#pragma once

#include "base/result.h"
#include "control/change.h"

namespace portolan::control {

// The part of a change that is about how its World goes out; the World and the
// Keyring of it are compiled. A wish without a rollout sends its World at once.
//
// Errors: resource_conflict for a World while another is on its way, and for a workspace that goes
// out with it; invalid_resource for a workspace that names a scope which gateways learn of only
// by the World that goes out: they would deny it until then, and for ever if that
// World goes back.
Status compile_rollout(const State& state, Change& change);

// `state` after the change: its rollout, and what is held where it was not yet.
void apply_rollout(State& state, const Change& change);

// The wish that takes a rollout back: every resource as it was, under a World of
// the next number. Keys stay, and workspaces but those that it widened.
Wish wish_to_go_back(const State& state, std::string why, WallTime now);

}  // namespace portolan::control
