#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control/gateway_records.h"
#include "control/state.h"
#include "policy/judge_wave.h"
#include "policy/plan_wave.h"

namespace portolan::control {

using HeardGateways = std::map<std::string, GatewayRecord>;

// The zones of both Worlds of a rollout, for policy::plan_wave. A region's failure
// group is its label `failure-group`, or else its country.
std::vector<policy::WaveZone> wave_zones(const State& state, const HeardGateways& gateways,
                                         WallTime date);

// Whether it polls now, or did so a moment ago: one that was just answered asks again.
bool is_near(const GatewayRecord& record, WallTime date);
// Where a gateway is, from what it said last.
bool holds_newest(const State& state, const world::PollRequest& said);
const world::Refusal* refusal_of_newest(const State& state, const world::PollRequest& said);
std::uint64_t engines_down(const world::PollRequest& said);

// What one process sees of the newest step of a rollout, from the polls that it hears and what
// other controls tell of theirs. In memory: a process that takes a rollout over watches the step
// anew.
//
// Lives on: control's shard.  Owner: the Control.
class RolloutWatch {
 public:
  // Of a State with a rollout that is active and has a step. `shared`: gateways may poll other
  // controls; those of which nobody tells, and those whose control is gone, are left to them.
  struct Moment {
    Instant now;
    WallTime date;
    bool shared = false;
  };
  policy::WaveEvidence look(const State& state, const HeardGateways& gateways, Moment at);

 private:
  void begin_step(const State& state, const HeardGateways& gateways, Instant now);
  std::vector<policy::WaveGateway> look_at_gateways(const State& state,
                                                    const HeardGateways& gateways, Moment at) const;
  void look_at_others(const State& state, const HeardGateways& gateways,
                      policy::WaveEvidence& evidence) const;

  std::uint64_t world_ = 0;
  std::size_t steps_ = 0;
  Instant began_{};
  std::optional<Instant> held_since_;
  std::map<std::string, model::ServedCounts> others_then_;  // served under the World before
};

}  // namespace portolan::control
