#include "runtime/shard.h"

#include <utility>

namespace portolan::runtime {

void Shard::make_ready(Operation& operation) {
  check(!operation.queued_, "an operation completes once");
  operation.queued_ = true;
  operation.next_ready_ = nullptr;
  if (last_ready_ != nullptr) {
    last_ready_->next_ready_ = &operation;
  } else {
    first_ready_ = &operation;
  }
  last_ready_ = &operation;
}

void Shard::run_ready() {
  Operation* operation = std::exchange(first_ready_, nullptr);
  last_ready_ = nullptr;
  while (operation != nullptr) {
    Operation* next = std::exchange(operation->next_ready_, nullptr);
    operation->queued_ = false;
    turn_budget_ = turn_budget_start;
    operation->done();
    operation = next;
  }
}

void Shard::run_due_timers() {
  const Instant due = now();
  while (Timer* timer = timers_.take_due(due)) {
    turn_budget_ = turn_budget_start;
    timer->fired();
  }
}

}  // namespace portolan::runtime
