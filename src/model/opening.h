#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "model/resources.h"

namespace portolan::model {

inline constexpr Limit openings_max{"openings_max", 256, "of one network, ended ones with them"};

// What a place has to show before it serves, in the order in which it is asked.
enum class Gate : std::uint8_t {
  reach,   // its gateways and those of the network reach each other, within the round trips wanted
  clocks,  // its gateways' clocks are those of the network
  certificates,  // they show certificates of this network, of their zone, that last
  engines,       // each engine is what its deployment and model say
  catalogue,     // it has what parity targets ask of it
  keys,          // its gateways hold the newest World, Keyring and Restrictions
  probes,        // what is asked at its front doors is answered, and recorded as it was answered
  refusals,      // what may not be there is refused, at its front doors and by its executors
  loss,          // with any one zone of it gone it still answers
  neighbours,    // they have room for what it does when it is gone
};
inline constexpr std::array<std::string_view, 10> gate_names = {
    "reach", "clocks", "certificates", "engines", "catalogue",
    "keys",  "probes", "refusals",     "loss",    "neighbours"};
constexpr std::string_view name_of(Gate gate) { return gate_names[static_cast<std::size_t>(gate)]; }

// How far the place may be from another region at most.
struct RoundTripWanted {
  std::string to;  // a region
  double milliseconds_at_most = 0;
  friend bool operator==(const RoundTripWanted&, const RoundTripWanted&) = default;
};

// A gate that is not asked, and why: part of every report.
struct SkippedGate {
  std::string gate;
  std::string reason;
  friend bool operator==(const SkippedGate&, const SkippedGate&) = default;
};

// That a region, or one zone of a region that serves already, is to be taken from planned to
// serving, and what it has to show before. Gateways do not need it: it is in no World.
//
// Until every gate is green the place is closed by the Rule `opening-<name>`: data may be there
// only of workspaces that have the label `opening: probe`.
struct Opening {
  std::string name;
  std::string region;  // one of these two
  std::string zone;
  Labels data;                          // what else the probing workspace is labelled
  std::vector<std::string> neighbours;  // zones or regions; none: all that share a scope with it
  std::vector<RoundTripWanted> round_trips;
  std::uint64_t clock_ms = 500;  // a gateway's clock may be off by so much
  std::uint64_t load = 0;        // requests at once, p95, that it is to carry; 0: all of its slots
  std::uint64_t requests = 20;   // of clients, before a step's share counts as tried
  std::vector<SkippedGate> skip;
  friend bool operator==(const Opening&, const Opening&) = default;
};

}  // namespace portolan::model
