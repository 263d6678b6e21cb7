#pragma once

#include <cstddef>
#include <deque>
#include <utility>

#include "base/result.h"
#include "runtime/event.h"
#include "runtime/shard.h"
#include "runtime/task.h"

namespace portolan::engines {

// The requests that an engine answers at once, and those that wait their turn.
//
// Lives on: one shard.  Owner: one simulated engine; outlives its leases.
// Invariants: at most `slots_max` leases; nobody waits while a slot is free;
// turns come in the order of asking; at most `queue_max` wait.
class Slots {
 public:
  // One slot, given back when it goes.
  class Lease {
   public:
    explicit Lease(Slots& slots) : slots_(&slots) {}
    Lease(Lease&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (slots_ != nullptr) slots_->give_back();
    }

   private:
    Slots* slots_;
  };

  Slots(runtime::Shard& shard, std::size_t slots_max, std::size_t queue_max)
      : shard_(shard), slots_max_(slots_max), queue_max_(queue_max) {}

  // Errors: overloaded when too many wait; cancelled.
  runtime::Task<Result<Lease>> acquire();

  // Those that are busy above it are given back as they end.
  void set_slots_max(std::size_t slots_max) { slots_max_ = slots_max; }

  std::size_t slots_max() const { return slots_max_; }
  std::size_t busy() const { return busy_; }
  std::size_t waiting() const { return queue_.size(); }

 private:
  struct Waiter {
    explicit Waiter(runtime::Shard& shard) : told(shard) {}
    runtime::Event told;
    bool granted = false;
  };

  void give_back();

  runtime::Shard& shard_;
  std::size_t slots_max_;
  std::size_t queue_max_;
  std::size_t busy_ = 0;
  std::deque<Waiter*> queue_;
};

}  // namespace portolan::engines
