#pragma once

#include <coroutine>
#include <optional>
#include <utility>

#include "runtime/cancel.h"
#include "runtime/detached.h"
#include "runtime/shard.h"
#include "runtime/task.h"

namespace portolan::runtime {

// A scope that ends by itself at an instant, with deadline_exceeded.
class DeadlineScope : public CancelScope, private Timer {
 public:
  DeadlineScope(Shard& shard, CancelScope* parent, Instant deadline)
      : CancelScope(parent), shard_(shard) {
    if (deadline != Instant::never()) shard_.arm(*this, deadline);
  }
  ~DeadlineScope() { shard_.disarm(*this); }

 private:
  void fired() override { cancel(Code::deadline_exceeded); }

  Shard& shard_;
};

// The work's outcome, or whatever it returns when it is cancelled at `deadline`
// with deadline_exceeded. Returns when the work has ended.
template <class T>
Task<T> until(Shard& shard, Instant deadline, Task<T> work) {
  CancelScope* outer = co_await CurrentScope{};
  DeadlineScope scope(shard, outer, deadline);
  T outcome = co_await std::move(work).under(scope);
  co_return outcome;
}

// Runs the work to its end even where the caller is cancelled. For what must be
// put away in any case; the work has a bound of its own.
template <class T>
Task<T> uncancelled(Task<T> work) {
  CancelScope scope(nullptr);
  T outcome = co_await std::move(work).under(scope);
  co_return outcome;
}

// What race() saw. A side that was never begun, because the other one had ended
// before its turn, has no value.
template <class First, class Other>
struct Raced {
  std::optional<First> first;
  std::optional<Other> other;
  bool first_won = false;
};

namespace detail {

// Shared by the two branches of one race; lives in the race's frame.
struct RaceState {
  CancelScope first_scope;
  CancelScope other_scope;
  int running = 0;
  bool decided = false;
  bool first_won = false;
  std::coroutine_handle<> waiting;

  explicit RaceState(CancelScope* outer) : first_scope(outer), other_scope(outer) {}

  void ended(bool is_first) {
    if (!decided) {
      decided = true;
      first_won = is_first;
      (is_first ? other_scope : first_scope).cancel();
    }
    if (--running == 0 && waiting) std::exchange(waiting, {}).resume();
  }
};

template <class T>
Detached run_branch(RaceState& state, bool is_first, Task<T> work, std::optional<T>& value) {
  {
    Task<T> owned = std::move(work);
    value.emplace(co_await std::move(owned).under(is_first ? state.first_scope
                                                           : state.other_scope));
  }
  state.ended(is_first);
}

struct RaceWait {
  RaceState& state;
  bool await_ready() const noexcept { return state.running == 0; }
  void await_suspend(std::coroutine_handle<> waiting) const noexcept { state.waiting = waiting; }
  void await_resume() const noexcept {}
};

}  // namespace detail

// Runs both; the one that ends first cancels the other. Returns when both have
// ended, so nothing of the loser is left running.
template <class First, class Other>
Task<Raced<First, Other>> race(Task<First> first, Task<Other> other) {
  CancelScope* outer = co_await CurrentScope{};
  Raced<First, Other> raced;
  detail::RaceState state(outer);
  state.running = 1;
  detail::run_branch(state, true, std::move(first), raced.first);
  if (!state.decided) {
    ++state.running;
    detail::run_branch(state, false, std::move(other), raced.other);
  }
  co_await detail::RaceWait{state};
  raced.first_won = state.first_won;
  co_return raced;
}

}  // namespace portolan::runtime
