#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/admin_client.h"
#include "cli/network_file.h"
#include "cli/up_console.h"
#include "cli/up_options.h"
#include "cli/up_plan.h"
#include "cli/up_supervisor.h"
#include "cli/up_watch.h"

namespace portolan::cli {

// The network of one `up` while it runs.
//
// Lives on: the main thread's shard.  Owner: run_up.
// close() is awaited before it is destroyed; it leaves no process behind.
class UpNetwork {
 public:
  UpNetwork(runtime::Shard& shard, const UpOptions& options, Home home, Plan plan);

  // Starts everything and makes the World true; returns when every gateway can
  // serve. Errors: what a process that ended said last; deadline_exceeded; those
  // of control; cancelled.
  runtime::Task<Status> bring_up();
  // Tells how the network is, and keeps network.json true, until it is cancelled.
  runtime::Task<void> stay_up();
  runtime::Task<void> close();

  Supervisor& supervisor() { return supervisor_; }
  Console& console() { return console_; }

 private:
  runtime::Task<Status> make_true();
  runtime::Task<Status> await_ports();
  runtime::Task<Status> await_gateways();
  // Ends when a process has: nothing that is being brought up may.
  runtime::Task<Status> await_death();
  runtime::Task<void> show();
  runtime::Task<void> keep_network_file();
  Status start_role(ProcessPlan::Role role);
  std::vector<NetworkFile::Workspace> known_workspaces() const;
  NetworkFile describe() const;
  Status write_network_file();
  void introduce();

  runtime::Shard& shard_;
  const UpOptions& options_;
  Home home_;
  Plan plan_;
  Console console_;
  Supervisor supervisor_;
  Watch watch_;
  AdminAccess access_;
  std::vector<NetworkFile::Workspace> workspaces_;
};

}  // namespace portolan::cli
