#pragma once

#include <coroutine>
#include <optional>
#include <utility>

#include "runtime/shard.h"

namespace portolan::runtime {

// auto x = co_await offload(shard, work): what `work()` returned, computed on
// another thread. Cancelling does not shorten it: work that has begun ends, so
// that what it borrows stays alive.
template <class Work>
class Offload final : public OffloadedWork {
 public:
  using Value = decltype(std::declval<Work&>()());

  Offload(Shard& shard, Work work) : shard_(shard), work_(std::move(work)) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    waiting_ = waiting;
    shard_.start_offload(*this);
  }
  Value await_resume() { return std::move(*value_); }

  void run() override { value_.emplace(work_()); }
  void done() override { waiting_.resume(); }

 private:
  Shard& shard_;
  Work work_;
  std::optional<Value> value_;
  std::coroutine_handle<> waiting_;
};

template <class Work>
Offload<Work> offload(Shard& shard, Work work) {
  return {shard, std::move(work)};
}

}  // namespace portolan::runtime
