#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "runtime/event.h"
#include "runtime/network.h"
#include "runtime/shard.h"
#include "runtime/task.h"

namespace portolan::meter {

// What a meter process is told at its start.
struct RunOptions {
  std::string network;
  std::string ledger;  // its file; ":memory:" for none on disk
  runtime::TlsMaterial tls;
  runtime::Address listen;  // mutual TLS
};

// A whole meter process: opens the ledger, serves until `stop` is notified, then
// drains. `tell` hears where it listens. Errors: what kept it from starting.
runtime::Task<Status> run_meter(runtime::Shard& shard, RunOptions& options,
                                std::function<void(const runtime::Address&)> tell,
                                runtime::Event& stop);

}  // namespace portolan::meter
