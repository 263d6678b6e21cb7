#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "runtime/event.h"
#include "runtime/gate.h"
#include "runtime/task.h"
#include "virtual/virtual_shard.h"

namespace portolan::sim {

// A program on a machine of a Universe: started, killed as by kill -9, started
// again on the same disk, and stopped in order at the end.
//
// Lives on: its machine.  Owner: a Network. kill() or stop() must be awaited
// before it is destroyed.
class Process {
 public:
  // Runs until `stop` is notified or its scope is cancelled.
  using Program = std::function<runtime::Task<Status>(runtime::Event& stop)>;

  Process(virtual_time::VirtualShard& machine, Program program)
      : machine_(machine), program_(std::move(program)), stop_(machine) {}

  // On a machine that is cut off: it is restored first.
  void start();
  runtime::Task<void> kill();
  // With its machine, whose disk loses what was not synced.
  runtime::Task<void> lose_power();
  runtime::Task<void> stop();

  bool running() const { return gate_ && gate_->running() > 0; }
  std::size_t kills() const { return kills_; }
  // How the last run that was not killed ended.
  const Status& outcome() const { return outcome_; }

 private:
  static runtime::Task<void> run(Process& process);
  runtime::Task<void> end();

  virtual_time::VirtualShard& machine_;
  Program program_;
  runtime::Event stop_;
  std::unique_ptr<runtime::Gate> gate_;  // one for each start
  std::size_t kills_ = 0;
  Status outcome_;
};

}  // namespace portolan::sim
