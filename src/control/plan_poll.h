#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "control/state.h"
#include "world/poll.h"

namespace portolan::control {

// What one gateway should hold.
struct Target {
  // Restrictions alone are sent, which take permission away: after a restore, when what it holds
  // may be newer than what is stored, and a gateway refuses those that would not; and to a machine
  // that was revoked, so that it ends by itself.
  bool held_back = false;
  world::Seen world;    // number 0: there is none yet
  world::Seen keyring;  // with no hash: it is known by its number
  world::Seen restrictions;
  // Whether there is a snapshot of it in a form that the gateway reads.
  bool keyring_fits = true;
  std::uint64_t first_delta = 1;  // kept ones are those from here to keyring's number
};

// What it is sent, so that it gets there.
struct PollPlan {
  bool restrictions = false;
  bool world = false;
  bool keyring = false;                      // a snapshot
  std::optional<std::uint64_t> first_delta;  // or the deltas from this one on
  bool confirmed = false;

  bool empty() const { return !restrictions && !world && !keyring && !first_delta; }
  friend bool operator==(const PollPlan&, const PollPlan&) = default;
};

// Sends nothing that the gateway holds or has refused, and nothing older than
// what it holds: it would have to refuse that.
PollPlan plan_poll(const Target& target, const world::PollRequest& request);

}  // namespace portolan::control
