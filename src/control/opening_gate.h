#pragma once

#include <string>
#include <vector>

#include "control/opening_facts.h"

namespace portolan::control {

// What is wrong with a place, as one gate found it.
struct GateFinding {
  std::string subject{};   // "gateway gw-1 in mexico-a", "engine http://... in mexico-a", ...
  std::string sentence{};  // what is wrong with it, and what to do; ends with a point
  friend bool operator==(const GateFinding&, const GateFinding&) = default;
};

struct GateVerdict {
  std::vector<GateFinding> findings{};  // none: green
  std::vector<std::string> evidence{};  // what was seen, a sentence each, with figures
  friend bool operator==(const GateVerdict&, const GateVerdict&) = default;
};

// Each is in a file of its name: control/gate_reach.cc ...
GateVerdict gate_reach(const OpeningFacts& facts);
GateVerdict gate_clocks(const OpeningFacts& facts);
GateVerdict gate_certificates(const OpeningFacts& facts);
GateVerdict gate_engines(const OpeningFacts& facts);
GateVerdict gate_catalogue(const OpeningFacts& facts);
GateVerdict gate_keys(const OpeningFacts& facts);
GateVerdict gate_probes(const OpeningFacts& facts);
GateVerdict gate_refusals(const OpeningFacts& facts);
GateVerdict gate_loss(const OpeningFacts& facts);
GateVerdict gate_neighbours(const OpeningFacts& facts);

GateVerdict judge(model::Gate gate, const OpeningFacts& facts);

}  // namespace portolan::control
