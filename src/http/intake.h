#pragma once

#include <coroutine>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "runtime/shard.h"
#include "runtime/stream.h"
#include "runtime/wait.h"

namespace portolan::http {

// What arrives on one connection: its one buffer, and at most one pending read
// into it. Whoever waits for bytes may be cancelled; the read stays pending and
// its bytes are there for the next one who asks.
//
// Lives on: one shard.  Owner: a connection, which also owns the stream and
// awaits stop() before either goes.
// Invariants: (1) bytes move only when a read begins, and held ones never;
//             (2) at most read_buffer_bytes are buffered.
class Intake final : private runtime::Operation {
 public:
  // Told of what arrives while nobody waits for it. May destroy the Intake.
  class Watcher {
   public:
    virtual void on_arrival() = 0;

   protected:
    ~Watcher() = default;
  };

  // co_await intake.more(): Result<std::size_t>; more bytes are unread now, or
  // zero: the peer has ended its side. Also a Fault of the stream, cancelled,
  // and limit_exceeded when the buffer is full.
  class Arrival final : public runtime::Wait {
   public:
    Arrival(runtime::Shard& shard, Intake& intake) : Wait(shard), intake_(intake) {}
    Result<std::size_t> await_resume() { return std::move(outcome); }

   private:
    bool start() override { return intake_.begin_wait(*this); }
    void on_cancel(Code why) override;

    Intake& intake_;
  };

  // co_await intake.stop(): nothing is pending afterwards. Cannot be cancelled.
  struct Stop {
    Intake& intake;
    bool await_ready() const noexcept { return !intake.pending_; }
    void await_suspend(std::coroutine_handle<> waiting) const;
    void await_resume() const noexcept {}
  };

  Intake(runtime::Shard& shard, runtime::Stream& stream) : shard_(shard), stream_(stream) {}
  ~Intake() { check(!pending_, "a connection's read outlives it"); }

  std::string_view unread() const { return {bytes_.get() + begin_, end_ - begin_}; }
  void consume(std::size_t count);

  // Consumes and keeps in place, with all views of them, until let_go().
  void hold(std::size_t count);
  void let_go() { floor_ = 0; }

  Arrival more() { return {shard_, *this}; }
  Stop stop() { return {*this}; }

  // Keeps a read pending while there is room, and tells `watcher` once when it
  // completed. Nothing happens at the end or with a full buffer.
  void watch(Watcher& watcher);
  void unwatch() { watcher_ = nullptr; }

  // Makes room behind the unread bytes, as far as the limit allows, unless a
  // read is pending. True when bytes moved. Not while bytes are held.
  bool reserve(std::size_t room);
  bool is_large() const { return capacity_ > start_bytes; }
  // Gives the memory back. Only with nothing unread, held or pending.
  void release();

  bool pending() const { return pending_; }
  // The peer sends nothing more: it said so, or the connection is broken.
  bool ended() const { return ended_; }

 private:
  static constexpr std::size_t start_bytes = 4 * 1024;

  void done() override;
  bool begin_wait(Arrival& arrival);
  bool begin_read();
  void take_outcome();
  bool has_room() const { return floor_ + (end_ - begin_) < limit(); }
  std::size_t limit() const;
  std::span<char> make_room();
  void move_to(std::size_t capacity);
  void report_end(Operation& operation) const;

  runtime::Shard& shard_;
  runtime::Stream& stream_;
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t floor_ = 0;  // held bytes lie before it
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool filled_ = false;  // the last read took all the room there was
  bool pending_ = false;
  bool ended_ = false;
  std::optional<Fault> fault_;  // why it ended, unless by end of file
  Arrival* waiting_ = nullptr;
  Watcher* watcher_ = nullptr;
  std::coroutine_handle<> stopping_;
};

}  // namespace portolan::http
