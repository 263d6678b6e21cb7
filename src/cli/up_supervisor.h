#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/child_process.h"
#include "cli/up_home.h"
#include "cli/up_plan.h"
#include "cli/up_restart.h"
#include "runtime/event.h"
#include "runtime/gate.h"
#include "runtime/shard.h"

namespace portolan::cli {

// The child processes of one `up`: starts them, learns of their end, starts
// them again, and leaves none behind.
//
// Lives on: the main thread's shard, because children die with the thread that
// started them.  Owner: run_up.
// Invariants: (1) a child with a process id has not been waited for, so that the
// id is its own; (2) after end() none has one, and none is started.
class Supervisor {
 public:
  Supervisor(runtime::Shard& shard, const Home& home, std::size_t processes_max);

  // `process` outlives this. Errors: those of start_child.
  Status start(const ProcessPlan& process);

  // To be called whenever a child may have ended (SIGCHLD).
  void take_ends();

  // From now on children that die are started again after a while.
  void begin_restarts() { restarts_ = true; }

  // Ends gateways, which finish what they serve, then the rest; kills who takes
  // too long. Not to be cancelled.
  runtime::Task<void> end();
  // Kills all of them now; end() then returns soon.
  void kill_all();

  // Notified when a child was started or has ended.
  runtime::Event& changed() { return changed_; }

  // Of a process by its name; 0 while it does not run.
  pid_t pid_of(const std::string& name) const;
  // A sentence about a child that has ended and was not started again, with the
  // end of its log; nothing while all run.
  std::optional<std::string> describe_dead() const;

 private:
  struct Child {
    const ProcessPlan* plan = nullptr;
    pid_t pid = 0;
    Instant started;
    Deaths deaths;
    int wait_status = 0;
  };

  Status start_again(Child& child);
  runtime::Task<void> restart_later(Child& child);
  void signal_role(ProcessPlan::Role role, int number);
  bool any_runs(ProcessPlan::Role role) const;
  runtime::Task<Status> await_change();
  runtime::Task<void> end_role(ProcessPlan::Role role, Duration patience);

  runtime::Shard& shard_;
  const Home& home_;
  runtime::Event changed_;
  runtime::Gate restarting_;
  std::map<std::string, Child> children_;  // by name
  bool restarts_ = false;
  bool ending_ = false;
};

}  // namespace portolan::cli
