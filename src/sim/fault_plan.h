#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "engines/sim_faults.h"
#include "virtual/faults.h"

namespace portolan::sim {

// How hard a scenario is on its network.
enum class Mood : std::uint8_t {
  quiet,   // nothing goes wrong
  calm,    // zone-a's engine fails in every way, control goes; zone-b lives
  stormy,  // everything, everywhere
};

// Something that is done to the network at a moment of the load.
struct FaultStep {
  enum class Kind : std::uint8_t {
    order_engine,
    kill_engine,
    kill_gateway,
    cut_control,
    drain,
    revoke
  };

  Kind kind = Kind::order_engine;
  Duration at;
  Duration span;  // until it is over, where it has an end
  std::size_t zone = 0;
  engines::FaultOrder order;
};

struct FaultPlan {
  virtual_time::Faults network;  // its probabilities
  std::vector<FaultStep> steps;
};

// During which steps begin.
inline constexpr Duration load_time = Duration::seconds(20);

FaultPlan draw_plan(Mood mood, Random& random);

// What a step is called in counts and traces: engine_hang, process_killed ...
std::string_view name_of(const FaultStep& step);

// Every name that 20 stormy seeds must show.
inline constexpr std::array<std::string_view, 15> named_faults = {
    "connect_refused", "connect_lost",   "connection_reset", "connection_lost",  "delivery_delayed",
    "short_read",      "engine_hang",    "engine_reset",     "engine_malformed", "engine_status",
    "client_vanished", "process_killed", "control_cut_off",  "zone_drained",     "key_revoked"};

}  // namespace portolan::sim
