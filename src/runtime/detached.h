#pragma once

#include <coroutine>

#include "base/check.h"
#include "runtime/task.h"

namespace portolan::runtime::detail {

// A coroutine that nobody awaits: begins at once and frees itself at its end.
// Only what counts such work to its end (Gate, race, EpollShard::run) makes one.
struct Detached {
  struct promise_type {
    CancelScope* scope = nullptr;
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { check(false, "an exception left a coroutine"); }
    static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
    static void operator delete(void* frame, std::size_t bytes) { free_frame(frame, bytes); }
  };
};

}  // namespace portolan::runtime::detail
