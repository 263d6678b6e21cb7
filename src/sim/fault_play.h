#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "runtime/gate.h"
#include "sim/fault_plan.h"
#include "sim/network.h"

namespace portolan::sim {

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
  // When the spare key's revocation was answered.
  std::optional<Instant> revoked_at() const { return revoked_at_; }
  const std::string& spare_key() const { return spare_.text; }

 private:
  // An order that stands at an engine until its next execution.
  struct Standing {
    std::string name;
    const engines::EngineSim* sim = nullptr;
    std::uint64_t started = 0;  // executions by then
  };

  static runtime::Task<void> run_step(FaultPlay& play, FaultStep step);
  runtime::Task<void> take_down(Process& process, FaultStep step);
  runtime::Task<void> drain_zone(FaultStep step);
  runtime::Task<void> revoke_spare();
  void order(const FaultStep& step);
  void settle_order(std::size_t zone);

  Network& network_;
  FaultPlan plan_;
  MadeKey spare_;
  std::optional<Instant> revoked_at_;
  std::array<Standing, zone_count> standing_;
  std::map<std::string, std::uint64_t> happened_;
  runtime::Gate steps_;
};

}  // namespace portolan::sim
