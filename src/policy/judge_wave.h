#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/time.h"
#include "model/served_counts.h"

namespace portolan::policy {

inline constexpr Limit wave_back_ms{"wave_back_ms", 120'000,
                                    "a World that does harm has gone back within it"};
inline constexpr Limit wave_reach_ms{"wave_reach_ms", 30'000,
                                     "for a connected gateway to take a World or refuse it"};
inline constexpr Limit wave_watch_ms{"wave_watch_ms", 10'000,
                                     "each step of a rollout is watched at least so long"};
inline constexpr Limit wave_engines_ms{"wave_engines_ms", 15'000,
                                       "for engines that a World names to pass their probes"};
inline constexpr Limit wave_quiet_ms{"wave_quiet_ms", 30'000,
                                     "a step without traffic goes on after it"};
inline constexpr Limit wave_requests_min{"wave_requests_min", 20,
                                         "of a zone, before its step counts as tried"};

// A gateway that was sent the new World.
struct WaveGateway {
  std::string id;
  std::string zone;
  bool in_step = false;            // else it is of a step before
  bool holds = false;              // the new World
  std::string refusal{};           // why it does not take it; empty: it did not refuse
  Duration silent{};               // since it was heard of; 0 while a poll of it waits
  std::uint64_t engines_down = 0;  // that do not pass their probes; and so before the new World
  std::uint64_t engines_down_before = 0;
};

struct WaveCounts {
  std::string zone;
  bool in_step = false;
  model::ServedCounts before{};  // by the World before, lately
  model::ServedCounts after{};   // by the new World
};

struct WaveEvidence {
  Duration step_age;  // since its zones were released
  Duration held_for;  // since the last of its gateways took the World; without any, step_age
  std::vector<WaveGateway> gateways;
  std::vector<WaveCounts> zones;  // that were released
  model::ServedCounts others;     // since this step, where the World before is still held
  bool refusals_meant = false;    // the World is to take permission away
};

struct WaveVerdict {
  enum class Kind : std::uint8_t { wait, go_on, go_back };
  Kind kind = Kind::wait;
  std::string why;  // a sentence for the operator
};

// Whether the newest step of a rollout has shown that it does no harm.
//
// Harm is a gateway that refuses the World or does not come back with it, an
// engine that is lost with it, and a share of requests that is larger than before
// and than where the World before is held, by five standard deviations and a
// margin: of errors, of refusals unless they are meant, of detours, of slow answers. Where fewer
// than 20 were served before, the missing ones count as served well. Whoever waits is told for
// what; no step waits longer than wave_reach_ms and wave_quiet_ms together.
WaveVerdict judge_wave(const WaveEvidence& evidence);

}  // namespace portolan::policy
