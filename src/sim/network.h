#pragma once

#include <array>
#include <memory>
#include <string>

#include "control/run_control.h"
#include "engines/engine_sim.h"
#include "gateway/options.h"
#include "sim/admin.h"
#include "sim/process.h"
#include "virtual/universe.h"

namespace portolan::sim {

inline constexpr std::size_t zone_count = 2;
inline constexpr std::array<std::string_view, zone_count> zone_names = {"zone-a", "zone-b"};

struct NetworkOptions {
  std::uint64_t seed = 1;
  bool one_region = false;  // both zones in it; else a region for each
  std::string more;         // resources beside those of every network
  engines::SimOptions engine;
};

// A zone's machines and what runs on them.
struct ZoneSite {
  gateway::Options options;
  std::unique_ptr<Process> gateway;
  std::unique_ptr<Process> engine;
  engines::EngineSim* sim = nullptr;  // while it runs
  runtime::Address front_door;
};

// A control, and a gateway and an engine in each of two zones, each on a machine
// of its own; and the machine of those who ask them. The programs are the real
// ones; what they stand on is a Universe.
//
// Lives on: one thread.  Owner: the test or scenario.
class Network {
 public:
  explicit Network(NetworkOptions options);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // Starts everything, applies the World, and returns when both gateways can
  // serve. Errors: what kept the network from coming up.
  runtime::Task<Status> bring_up();
  // Stops everything in order.
  runtime::Task<void> shut_down();
  // Starts what does not run.
  void start_missing();
  // Waits until both gateways answer /readyz with 200.
  runtime::Task<Status> await_ready(Duration within);

  virtual_time::Universe& universe() { return universe_; }
  virtual_time::VirtualShard& client() { return *client_; }
  Admin& admin() { return *admin_; }
  Process& control() { return *control_; }
  ZoneSite& zone(std::size_t at) { return zones_[at]; }
  const NetworkOptions& options() const { return options_; }
  // Every file of a zone's gateway or engine machine.
  std::string gateway_file(std::size_t zone, const std::string& path);
  std::string engine_file(std::size_t zone, const std::string& path);

 private:
  void prepare_control();
  void prepare_zone(std::size_t at);
  std::string world_text() const;

  NetworkOptions options_;
  virtual_time::Universe universe_;
  std::string store_folder_;  // SQLite's, on the real disk; in no trace
  control::RunOptions control_options_;
  virtual_time::VirtualShard* control_machine_ = nullptr;
  std::unique_ptr<Process> control_;
  std::array<ZoneSite, zone_count> zones_;
  std::array<virtual_time::VirtualShard*, zone_count> gateway_machines_{};
  std::array<virtual_time::VirtualShard*, zone_count> engine_machines_{};
  virtual_time::VirtualShard* client_ = nullptr;
  std::unique_ptr<Admin> admin_;
};

}  // namespace portolan::sim
