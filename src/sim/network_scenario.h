#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/fault_plan.h"

namespace portolan::sim {

struct ScenarioOptions {
  std::uint64_t seed = 1;
  Mood mood = Mood::stormy;
  std::size_t clients = 4;
  std::size_t requests = 10;  // of each client, one after the other
};

// What came of it. Equal options give an equal outcome, to the byte.
struct ScenarioOutcome {
  std::string trace;
  std::map<std::string, std::uint64_t> happened;  // faults, by name
  std::map<std::string, std::uint64_t> ends;      // of requests: "200 whole", "503 whole" ...
  std::vector<std::string> problems;              // promises that did not hold
};

// The whole program on virtual time: three regions of three to six zones serve
// clients while a plan drawn from the seed harms them; then everything is well
// again and must serve. What is checked is said in check_sightings.h.
ScenarioOutcome play_network(ScenarioOptions options);

}  // namespace portolan::sim
