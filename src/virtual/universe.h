#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "runtime/task.h"
#include "virtual/faults.h"

namespace portolan::virtual_time {

class VirtualShard;
class VirtualListener;
class Connection;

// A network of machines in virtual time: one thread, one order of events, one
// seed. What runs on it is the real program on another Shard; what happens is
// decided by the seed alone, so a run can be repeated to the byte.
//
// Time stands still while anything is ready and then jumps to the next event.
// Lives on: one thread.  Owner: the test or scenario. Machines live as long.
class Universe {
 public:
  explicit Universe(std::uint64_t seed);
  ~Universe();
  Universe(const Universe&) = delete;
  Universe& operator=(const Universe&) = delete;

  // A machine with a clock, a network address and a disk of its own.
  VirtualShard& add_machine(std::string name);

  // Runs until `work` has ended. False when it has not after `span` of virtual
  // time, or when nothing is left that could happen; the work is cancelled then
  // and has ended when this returns.
  bool run(runtime::Task<void> work, Duration span);

  Instant now() const { return now_; }
  // Lets `event` happen at `when`; equal times in order of these calls.
  void at(Instant when, std::move_only_function<void()> event);

  Random& random() { return random_; }
  Faults& faults() { return faults_; }

  // Adds an event to the trace: who, what, and when it was.
  void note(std::string_view who, std::string_view what);
  // What happened so far, a line an event; equal seeds give equal traces.
  const std::string& trace() const { return trace_; }

  // The machine's connections are reset and its listeners gone, as by kill -9 of
  // everything on it. What ran there reaches nobody from now on and may be ended;
  // its disk refuses writes.
  void cut_off(VirtualShard& machine);
  // The machine is back, with its disk as it was; something may be started on it.
  void restore(VirtualShard& machine);

 private:
  friend class VirtualNetwork;
  friend class VirtualListener;
  friend class VirtualStream;

  bool has_machine(std::string_view name) const;
  bool turn();
  Instant soonest() const;

  Instant now_{1'000'000'000};
  Random random_;
  Faults faults_;
  std::string trace_;
  std::uint64_t event_count_ = 0;
  std::map<std::pair<Instant, std::uint64_t>, std::move_only_function<void()>> events_;
  std::vector<std::unique_ptr<VirtualShard>> machines_;
  std::map<std::pair<std::string, std::uint16_t>, VirtualListener*> listeners_;
  std::vector<std::weak_ptr<Connection>> connections_;
  std::uint16_t next_port_ = 20'000;
};

}  // namespace portolan::virtual_time
