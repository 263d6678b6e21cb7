#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "world/resource.h"

namespace portolan::control {

using ResourceName = std::pair<world::Kind, std::string>;

// A gateway that was connected when its zone's turn came: the step waits for it.
struct AwaitedGateway {
  std::string id;
  std::string zone;
  // That did not pass their probes then; more are held against the World. Nothing
  // where it changes no engine of the zone: what is lost there is not its doing.
  std::optional<std::uint64_t> engines_down{};
  friend bool operator==(const AwaitedGateway&, const AwaitedGateway&) = default;
};

// Zones that get a World at once.
struct RolloutStep {
  std::vector<std::string> zones;
  std::vector<AwaitedGateway> gateways;
  WallTime began{};
  std::string verdict;  // why the next step came; empty: this is the newest
  friend bool operator==(const RolloutStep&, const RolloutStep&) = default;
};

enum class RolloutPhase : std::uint8_t { running, paused, done, gone_back };
inline constexpr std::array<std::string_view, 4> rollout_phase_names = {"running", "paused", "done",
                                                                        "gone-back"};

// How a World goes out to the gateways, zone by zone: part of the State, so that
// whichever control reads it goes on where it stands.
struct Rollout {
  std::uint64_t world = 0;  // its number; 0: of a wish, for the World that it leads to
  std::uint64_t from = 0;   // the World that zones hold whose turn has not come
  std::string from_hash;
  RolloutPhase phase = RolloutPhase::running;
  WallTime began{};
  WallTime ended{};
  std::string why;             // it went back or is paused
  std::string refusals_meant;  // why more requests are to be refused by it; empty: they are harm
  std::vector<RolloutStep> steps;

  bool active() const { return phase == RolloutPhase::running || phase == RolloutPhase::paused; }
  bool released(std::string_view zone) const {
    return std::ranges::any_of(steps, [&](const RolloutStep& step) {
      return std::ranges::find(step.zones, zone) != step.zones.end();
    });
  }
  friend bool operator==(const Rollout&, const Rollout&) = default;
};

}  // namespace portolan::control
