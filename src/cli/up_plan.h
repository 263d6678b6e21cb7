#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/authority.h"
#include "cli/ports.h"
#include "cli/up_home.h"
#include "cli/up_options.h"
#include "cli/up_programs.h"
#include "cli/up_ready.h"
#include "world/resource.h"

namespace portolan::cli {

// The network's name in certificates and documents: one home holds one.
inline constexpr const char* local_network = "local";

// Of the process that keeps the ledger.
inline constexpr const char* meter_name = "meter";

// A process that `up` runs.
struct ProcessPlan {
  enum class Role : std::uint8_t { control, engine, meter, gateway };

  Role role = Role::control;
  std::string name;                      // unique; that of its log
  std::vector<std::string> arguments;    // the program's path first
  std::vector<std::string> environment;  // NAME=value
  friend bool operator==(const ProcessPlan&, const ProcessPlan&) = default;
};

// A zone whose gateway `up` runs.
struct ZonePlan {
  std::string name;
  std::string region;
  std::string gateway;  // name of its process
  std::string gateway_url;
  std::string engine;  // name of its process; empty: none of ours
  std::string engine_url;
  bool serves = false;         // it has engines, ours or the World's
  bool region_serves = false;  // so a zone of its region has
  bool waits = false;          // it is not in the World yet
  friend bool operator==(const ZonePlan&, const ZonePlan&) = default;
};

// Everything that `up` is going to do, decided before anything is started.
struct Plan {
  world::Contents world;         // with URLs and gateways filled in
  std::vector<ReadyFile> ready;  // the same; not applied
  std::string admin_url;
  std::vector<ProcessPlan> processes;  // control, engines, meter, gateways
  std::vector<ZonePlan> zones;
  std::map<std::string, std::uint16_t> ports;  // that they listen on, by what for
  std::vector<TlsLeaf> leaves;                 // certificates that they show
  std::vector<std::string> folders;            // that they write to
};

// Names of the ports that this World needs, in the order of choosing. What waits to be opened is in
// it, too.
std::vector<std::string> port_names(const world::Contents& world, EngineChoice engines);

// What the World becomes on this machine. Errors: bad_configuration.
struct PlanInputs {
  const UpOptions& options;
  const Home& home;
  const Programs& programs;
  const Ports& ports;
};
Result<Plan> make_plan(world::Contents world, std::vector<ReadyFile> ready,
                       const PlanInputs& inputs);

}  // namespace portolan::cli
