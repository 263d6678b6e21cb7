#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include "runtime/combine.h"
#include "runtime/gate.h"

namespace portolan::control {

namespace detail {

// A part of something, ended with it.
inline runtime::Task<void> under(runtime::CancelScope& scope, runtime::Task<void> part) {
  co_await std::move(part).under(scope);
}

template <class Work>
runtime::Task<void> take_turns(std::size_t& next, std::size_t count, Work& work) {
  runtime::CancelScope* scope = co_await runtime::CurrentScope{};
  while (next < count && !scope->is_cancelled()) {
    auto part = work(next++);
    co_await std::move(part);
  }
}

}  // namespace detail

// Runs work(0) to work(count - 1), each a Task<void>, at most so many at once, and returns when
// all have ended. Errors: that of the caller's scope; what had not begun then is left out.
template <class Work>
runtime::Task<Status> several_at_once(runtime::Shard& shard, std::size_t count, std::size_t at_once,
                                      Work& work) {
  runtime::CancelScope* scope = co_await runtime::CurrentScope{};
  runtime::Gate going(shard, at_once);
  std::size_t next = 0;
  for (std::size_t i = 0; i < std::min(count, at_once); ++i) {
    going.start(detail::under(*scope, detail::take_turns(next, count, work)));
  }
  co_await going.drain();
  if (scope->is_cancelled()) co_return runtime::cancelled_fault(scope->reason());
  co_return Status{};
}

}  // namespace portolan::control
