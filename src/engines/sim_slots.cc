#include "engines/sim_slots.h"

#include <algorithm>

namespace portolan::engines {

runtime::Task<Result<Slots::Lease>> Slots::acquire() {
  if (busy_ < slots_max_) {
    ++busy_;
    co_return Lease(*this);
  }
  if (queue_.size() >= queue_max_) {
    co_return Fault{Code::overloaded, Retry::elsewhere, "Too many requests wait for a slot."};
  }
  Waiter waiter(shard_);
  queue_.push_back(&waiter);
  auto told = co_await waiter.told.wait();
  if (!waiter.granted) {
    std::erase(queue_, &waiter);
    co_return std::move(told).error();
  }
  Lease lease(*this);
  if (!told) co_return std::move(told).error();
  co_return std::move(lease);
}

void Slots::give_back() {
  if (queue_.empty() || busy_ > slots_max_) {
    --busy_;
    return;
  }
  Waiter* next = queue_.front();
  queue_.pop_front();
  next->granted = true;
  next->told.notify_all();
}

}  // namespace portolan::engines
