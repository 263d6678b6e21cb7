#include "runtime/gate.h"

namespace portolan::runtime {

detail::Detached Gate::run(Gate& gate, Task<void> work) {
  {
    Task<void> owned = std::move(work);
    co_await std::move(owned).under(gate.scope_);
  }
  gate.leave();
}

bool Gate::start(Task<void> work) {
  if (closed_ || running_ >= work_max_) return false;
  ++running_;
  run(*this, std::move(work));
  return true;
}

void Gate::leave() {
  --running_;
  if (running_ == 0) ended_.notify_all();
}

Task<void> Gate::wait_for_end() {
  const Status told = co_await ended_.wait();
  check(told.has_value(), "nobody can cancel this wait");
}

Task<void> Gate::drain() {
  closed_ = true;
  // The end of the work must be awaited even by a cancelled owner.
  CancelScope steadfast(nullptr);
  while (running_ > 0) {
    auto wait = wait_for_end();
    co_await std::move(wait).under(steadfast);
  }
}

Task<void> Gate::close() {
  scope_.cancel();
  co_await drain();
}

}  // namespace portolan::runtime
