#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/gate.h"
#include "sim/clocks.h"
#include "sim/fault_plan.h"
#include "sim/network.h"
#include "sim/weather.h"

namespace portolan::sim {

// A World that went out: what it says, and since when somebody may have it.
struct Published {
  std::size_t edition = 0;
  std::string hash;
  Instant from;
};

// Does to a Network what a plan says, and knows what came of it.
//
// Lives on: the network's client machine.  Owner: a scenario. finish() must be
// awaited before it is destroyed.
class FaultPlay {
 public:
  FaultPlay(Network& network, FaultPlan plan);

  // Switches the network's faults on and begins the steps. `spare` is the key
  // that may be revoked.
  void begin(MadeKey spare);
  // Returns when every step is over; the network is whole again then.
  runtime::Task<void> finish();

  void count(std::string_view name);
  // By name, those of the universe included.
  std::map<std::string, std::uint64_t> happened();
  const Weather& weather() const { return weather_; }
  const Clocks& clocks() const { return clocks_; }
  const FaultPlan& plan() const { return plan_; }
  const std::vector<Published>& published() const { return published_; }
  // When the spare key's revocation was first asked for, and first answered.
  std::optional<Instant> revoked_from() const { return revoked_from_; }
  std::optional<Instant> revoked_at() const { return revoked_at_; }

 private:
  using Step = runtime::Task<void> (FaultPlay::*)(FaultStep);

  static Step step_of(FaultStep::Kind kind);
  static runtime::Task<void> run_step(FaultPlay& play, FaultStep step);

  // Of a machine.
  runtime::Task<void> kill_engine(FaultStep step);
  runtime::Task<void> kill_gateway(FaultStep step);
  runtime::Task<void> cut_power(FaultStep step);
  runtime::Task<void> pause_gateway(FaultStep step);
  runtime::Task<void> roll_back_disk(FaultStep step);
  runtime::Task<void> trouble_disk(FaultStep step);
  runtime::Task<void> jump_clock(FaultStep step);
  runtime::Task<void> kill_control(FaultStep step);
  runtime::Task<void> order_engine(FaultStep step);
  // Between machines.
  runtime::Task<void> cut_hop(FaultStep step);
  runtime::Task<void> delay_hop(FaultStep step);
  runtime::Task<void> part(FaultStep step);
  // Of what control is asked for.
  runtime::Task<void> change_world(FaultStep step);
  runtime::Task<void> drain(FaultStep step);
  runtime::Task<void> revoke(FaultStep step);

  runtime::Task<void> wait(Duration span);
  // Starts it, again while it cannot start, as a supervisor does.
  runtime::Task<void> bring_back(Process& process);
  Instant now() { return network_.client().now(); }
  void set_clock(std::size_t zone, Duration error);
  bool put_older_documents(std::size_t zone);
  void end_harms(const std::vector<Weather::Harm>& harms, Instant until);

  Network& network_;
  FaultPlan plan_;
  Weather weather_;
  Clocks clocks_;
  MadeKey spare_;
  std::optional<Instant> revoked_from_;
  std::optional<Instant> revoked_at_;
  std::vector<Published> published_;
  bool changing_world_ = false;
  std::map<std::string, std::uint64_t> happened_;
  runtime::Gate steps_;
};

}  // namespace portolan::sim
