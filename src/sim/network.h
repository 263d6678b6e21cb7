#pragma once

#include <memory>
#include <string>
#include <vector>

#include "control/run_control.h"
#include "engines/engine_sim.h"
#include "gateway/options.h"
#include "sim/admin.h"
#include "sim/atlas.h"
#include "sim/old_control.h"
#include "sim/process.h"
#include "virtual/universe.h"

namespace portolan::sim {

struct NetworkOptions {
  std::uint64_t seed = 1;
  Atlas atlas;
  engines::SimOptions engine;
};

// A zone's machines and what runs on them.
struct ZoneSite {
  gateway::Options options;
  virtual_time::VirtualShard* gateway_machine = nullptr;
  virtual_time::VirtualShard* engine_machine = nullptr;
  std::unique_ptr<Process> gateway;
  std::unique_ptr<Process> engine;
  engines::EngineSim* sim = nullptr;  // while it runs
  runtime::Address front_door;
};

// A control, another one with nothing but old documents, and a gateway and an
// engine in each zone of an Atlas, each on a machine of its own; and the machine
// of those who ask them. The programs are the real ones; what they stand on is a
// Universe.
//
// Lives on: one thread.  Owner: the test or scenario.
class Network {
 public:
  explicit Network(NetworkOptions options);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // Starts everything, applies the World's first edition, and returns when all
  // gateways can serve. Errors: what kept the network from coming up.
  runtime::Task<Status> bring_up();
  // Stops everything in order.
  runtime::Task<void> shut_down();
  // Starts what does not run.
  void start_missing();
  // Waits until all gateways answer /readyz with 200.
  runtime::Task<Status> await_ready(Duration within);

  virtual_time::Universe& universe() { return universe_; }
  virtual_time::VirtualShard& client() { return *client_; }
  Admin& admin() { return *admin_; }
  Process& control() { return *control_; }
  virtual_time::VirtualShard& control_machine() { return *control_machine_; }
  OldControl& old_control() { return *old_control_; }
  ZoneSite& zone(std::size_t at) { return *zones_[at]; }
  std::size_t zone_count() const { return zones_.size(); }
  // The hash of the World that bring_up() applied.
  const std::string& first_world() const { return first_world_; }
  const NetworkOptions& options() const { return options_; }
  const Atlas& atlas() const { return options_.atlas; }

 private:
  void prepare_control();
  void prepare_zone(std::size_t at);

  NetworkOptions options_;
  virtual_time::Universe universe_;
  std::string store_folder_;  // SQLite's, on the real disk; in no trace
  control::RunOptions control_options_;
  virtual_time::VirtualShard* control_machine_ = nullptr;
  std::unique_ptr<Process> control_;
  virtual_time::VirtualShard* old_machine_ = nullptr;
  std::unique_ptr<OldControl> old_control_;
  std::unique_ptr<Process> old_process_;
  std::vector<std::unique_ptr<ZoneSite>> zones_;
  virtual_time::VirtualShard* client_ = nullptr;
  std::unique_ptr<Admin> admin_;
  std::string first_world_;
};

}  // namespace portolan::sim
