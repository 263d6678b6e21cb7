#pragma once

#include <coroutine>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/result.h"
#include "runtime/cancel.h"

namespace portolan::runtime {

// Memory of coroutine frames: kept in per-thread free lists by size, since a
// request makes and frees the same few sizes again and again. A frame is freed
// on the thread that made it.
void* allocate_frame(std::size_t bytes);
void free_frame(void* frame, std::size_t bytes);

template <class T>
class Task;

namespace detail {

struct PromiseBase {
  std::coroutine_handle<> continuation = std::noop_coroutine();
  CancelScope* scope = nullptr;

  static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* frame, std::size_t bytes) { free_frame(frame, bytes); }

  std::suspend_always initial_suspend() const noexcept { return {}; }

  struct Final {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      return ended.promise().continuation;
    }
    void await_resume() const noexcept {}
  };
  Final final_suspend() const noexcept { return {}; }

  void unhandled_exception() noexcept { check(false, "an exception left a coroutine"); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;

  Task<T> get_return_object();
  template <class U>
  void return_value(U&& returned) {
    value.emplace(std::forward<U>(returned));
  }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() {}
};

}  // namespace detail

// A coroutine that begins when it is awaited, runs on the awaiting shard, and
// returns to the waiter. It runs under the waiter's CancelScope, or under the
// one that under() names. A frame that has begun always runs to its end: who
// wants it to stop cancels its scope.
//
// Destroying a Task that was not awaited frees its frame; destroying one that
// is suspended in the middle is a bug and fails a check.
template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept
      : handle_(std::exchange(other.handle_, {})), scope_(other.scope_), begun_(other.begun_) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (!handle_) return;
    check(!begun_ || handle_.done(), "a running coroutine was destroyed");
    handle_.destroy();
  }

  // Runs under `scope` instead of the waiter's.
  Task&& under(CancelScope& scope) && {
    scope_ = &scope;
    return std::move(*this);
  }

  auto operator co_await() && noexcept { return Awaiter{*this}; }

 private:
  struct Awaiter {
    Task& task;
    bool await_ready() const noexcept { return false; }
    template <class Waiting>
    Handle await_suspend(std::coroutine_handle<Waiting> waiting) const noexcept {
      task.begun_ = true;
      auto& promise = task.handle_.promise();
      promise.continuation = waiting;
      promise.scope = task.scope_ != nullptr ? task.scope_ : waiting.promise().scope;
      return task.handle_;
    }
    T await_resume() const {
      if constexpr (!std::is_void_v<T>) {
        return std::move(*task.handle_.promise().value);
      }
    }
  };

  Handle handle_;
  CancelScope* scope_ = nullptr;
  bool begun_ = false;
};

namespace detail {

template <class T>
Task<T> Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}

inline Task<void> Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

}  // namespace detail

// The scope that the awaiting coroutine runs under: `auto* scope = co_await CurrentScope{};`
struct CurrentScope {
  CancelScope* scope = nullptr;
  bool await_ready() const noexcept { return false; }
  template <class Waiting>
  bool await_suspend(std::coroutine_handle<Waiting> waiting) noexcept {
    scope = waiting.promise().scope;
    return false;
  }
  CancelScope* await_resume() const noexcept { return scope; }
};

}  // namespace portolan::runtime
