#pragma once

#include <csignal>
#include <initializer_list>

#include "runtime/epoll_shard.h"
#include "runtime/event.h"
#include "runtime/task.h"

namespace portolan::runtime {

// Signals as something to wait for, instead of something that interrupts. Made
// before the process has other threads, so that they inherit the mask.
class Signals final : private Watched {
 public:
  Signals(EpollShard& shard, std::initializer_list<int> numbers);
  ~Signals();

  // The number of the next signal. Errors: cancelled.
  Task<Result<int>> wait();

 private:
  void on_ready(Readiness readiness) override;

  EpollShard& shard_;
  Event arrived_;
  int descriptor_ = -1;
};

}  // namespace portolan::runtime
