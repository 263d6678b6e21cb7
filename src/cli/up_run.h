#pragma once

#include "base/result.h"
#include "cli/up_options.h"
#include "runtime/epoll_shard.h"
#include "runtime/signals.h"
#include "runtime/task.h"

namespace portolan::cli {

// A whole network on this machine, until SIGINT, SIGTERM or SIGHUP; then ends
// every process that it started. `signals` wait for these and SIGCHLD. Errors:
// what kept the network from standing; whatever ran by then has ended too.
runtime::Task<Status> run_up(runtime::EpollShard& shard, runtime::Signals& signals,
                             UpOptions& options);

// Prepares the same files, and prints the commands instead. Errors: as run_up.
Status print_up(runtime::EpollShard& shard, const UpOptions& options);

}  // namespace portolan::cli
