#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "base/check.h"
#include "base/fault.h"
#include "wire/frame_payload.h"

namespace portolan::gateway {

// Where a request that was let in stands. Names appear in /metrics.
enum class Phase : std::uint8_t {
  connecting,  // a zone, a gateway or an engine is being chosen and reached
  sent,        // an engine has the request and has not begun to answer
  prefill,     // the engine has accepted it; no byte of the answer yet
  streaming,   // bytes of the answer are on their way to the client
};
inline constexpr std::size_t phase_count = 4;
std::string_view name_of(Phase phase);
// An unknown name is a later version's: connecting.
Phase phase_named(std::string_view name);

// What this gateway counts. One shard's own.
struct Metrics {
  std::uint64_t requests = 0;
  std::map<int, std::uint64_t> answers;        // by HTTP status
  std::map<Code, std::uint64_t> faults;        // by code shown or logged
  std::array<std::int64_t, phase_count> in_flight{};
  std::uint64_t attempts = 0;
  std::uint64_t executions = 0;
  std::uint64_t failovers = 0;    // attempts after the first of a request
  std::uint64_t execs_lost = 0;   // executions that the usage log did not take
  std::uint64_t hops_out = 0;
  std::uint64_t hops_in = 0;
  wire::UsageCounts tokens;
};

// One request's place in Metrics::in_flight; leaves by itself.
class PhaseGauge {
 public:
  explicit PhaseGauge(Metrics& metrics) : metrics_(metrics) { add(1); }
  PhaseGauge(const PhaseGauge&) = delete;
  PhaseGauge& operator=(const PhaseGauge&) = delete;
  ~PhaseGauge() { add(-1); }

  void move_to(Phase phase) {
    add(-1);
    phase_ = phase;
    add(1);
  }
  Phase phase() const { return phase_; }

 private:
  void add(std::int64_t change) { metrics_.in_flight[static_cast<std::size_t>(phase_)] += change; }

  Metrics& metrics_;
  Phase phase_ = Phase::connecting;
};

}  // namespace portolan::gateway
