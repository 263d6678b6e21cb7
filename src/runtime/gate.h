#pragma once

#include <cstddef>

#include "runtime/cancel.h"
#include "runtime/detached.h"
#include "runtime/event.h"
#include "runtime/task.h"

namespace portolan::runtime {

// The work that runs beside its owner: bounded in number, ended as a whole.
//
// Lives on: one shard.  Owner: whatever the work belongs to.
// Invariants: at most `work_max` tasks run; after close() or drain() none does
// and none can be started.
class Gate {
 public:
  Gate(Shard& shard, std::size_t work_max)
      : scope_(nullptr), ended_(shard), work_max_(work_max) {}
  ~Gate() { check(running_ == 0, "a gate with running work was destroyed"); }

  // Begins the work now, up to its first wait. False, and the work is dropped
  // unbegun, when the gate is full or closed.
  bool start(Task<void> work);

  // Waits until all work has ended by itself.
  Task<void> drain();
  // Cancels all work and waits until it has ended.
  Task<void> close();
  // Cancels all work without waiting; drain() or close() must follow.
  void cancel_all(Code why) { scope_.cancel(why); }

  std::size_t running() const { return running_; }
  bool closed() const { return closed_; }

 private:
  static detail::Detached run(Gate& gate, Task<void> work);
  Task<void> wait_for_end();
  void leave();

  CancelScope scope_;
  Event ended_;
  std::size_t work_max_;
  std::size_t running_ = 0;
  bool closed_ = false;
};

}  // namespace portolan::runtime
