#pragma once

#include "runtime/event.h"
#include "runtime/shard.h"
#include "runtime/task.h"

namespace portolan::store {

// Who may use a thing that only one piece of offloaded work may touch at a time.
//
// Lives on: one shard.  Owner: whoever owns the thing.
// Invariant: between take() and end() nobody else is between them.
class Turns {
 public:
  explicit Turns(runtime::Shard& shard) : ended_(shard) {}

  // Errors: cancelled; there is nothing to end then.
  runtime::Task<Status> take() {
    while (taken_) {
      CO_TRY_DO(co_await ended_.wait());
    }
    taken_ = true;
    co_return Status{};
  }
  void end() {
    taken_ = false;
    ended_.notify_all();
  }

 private:
  bool taken_ = false;
  runtime::Event ended_;
};

}  // namespace portolan::store
