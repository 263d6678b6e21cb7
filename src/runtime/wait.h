#pragma once

#include <coroutine>
#include <span>
#include <string_view>
#include <utility>

#include "runtime/cancel.h"
#include "runtime/operation.h"
#include "runtime/shard.h"
#include "runtime/stream.h"

namespace portolan::runtime {

// The common part of what a coroutine can await: completes through the shard's
// loop, once, or at once without suspending; leaves early when its scope is
// cancelled. `Start` is called with the wait itself and returns true when the
// outcome is already there; `Cancel` makes a pending one complete with a reason.
class Wait : public Operation, public Cancellable {
 public:
  bool await_ready() const noexcept { return false; }

  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) {
    CancelScope* scope = waiting.promise().scope;
    if (scope != nullptr && scope->is_cancelled()) {
      outcome = cancelled_fault(scope->reason());
      return false;
    }
    waiting_ = waiting;
    if (start()) {
      if (shard_.may_run_on()) return false;
      shard_.make_ready(*this);
      return true;
    }
    enter_scope(scope);
    return true;
  }

  void done() final {
    leave_scope();
    waiting_.resume();
  }

 protected:
  explicit Wait(Shard& shard) : shard_(shard) {}
  ~Wait() = default;

  virtual bool start() = 0;

  Shard& shard_;

 private:
  std::coroutine_handle<> waiting_;
};

// co_await read_some(shard, stream, bytes): Result<std::size_t>, zero at end of file.
class ReadSome final : public Wait {
 public:
  ReadSome(Shard& shard, Stream& stream, std::span<char> into)
      : Wait(shard), stream_(stream), into_(into) {}
  Result<std::size_t> await_resume() { return std::move(outcome); }

 private:
  bool start() override { return stream_.start_read(into_, *this); }
  void on_cancel(Code why) override { stream_.cancel(*this, why); }

  Stream& stream_;
  std::span<char> into_;
};

inline ReadSome read_some(Shard& shard, Stream& stream, std::span<char> into) {
  return {shard, stream, into};
}

// co_await write_all(shard, stream, pieces): Status. Views and bytes are the
// awaiting frame's and stay in place.
class WriteAll final : public Wait {
 public:
  WriteAll(Shard& shard, Stream& stream, std::span<const std::string_view> pieces)
      : Wait(shard), stream_(stream), pieces_(pieces) {}
  Status await_resume() {
    if (!outcome) return std::move(outcome).error();
    return {};
  }

 private:
  bool start() override { return stream_.start_write(pieces_, *this); }
  void on_cancel(Code why) override { stream_.cancel(*this, why); }

  Stream& stream_;
  std::span<const std::string_view> pieces_;
};

inline WriteAll write_all(Shard& shard, Stream& stream,
                          std::span<const std::string_view> pieces) {
  return {shard, stream, pieces};
}

// co_await sleep_until(shard, when): Status; a Fault when cancelled first.
class SleepUntil final : public Wait, private Timer {
 public:
  SleepUntil(Shard& shard, Instant when) : Wait(shard), when_(when) {}
  Status await_resume() {
    if (!outcome) return std::move(outcome).error();
    return {};
  }

 private:
  bool start() override {
    if (when_ <= shard_.now()) return true;
    shard_.arm(*this, when_);
    return false;
  }
  void on_cancel(Code why) override {
    shard_.disarm(*this);
    outcome = cancelled_fault(why);
    shard_.make_ready(*this);
  }
  void fired() override {
    leave_scope();
    shard_.make_ready(*this);
  }

  Instant when_;
};

inline SleepUntil sleep_until(Shard& shard, Instant when) { return {shard, when}; }
inline SleepUntil sleep_for(Shard& shard, Duration span) { return {shard, shard.now() + span}; }

// Lets everything else that is ready run first.
class Yield final : public Wait {
 public:
  explicit Yield(Shard& shard) : Wait(shard) {}
  void await_resume() {}

 private:
  bool start() override {
    shard_.make_ready(*this);
    return false;
  }
  void on_cancel(Code) override {}
};

inline Yield yield(Shard& shard) { return Yield(shard); }

}  // namespace portolan::runtime
