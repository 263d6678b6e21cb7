#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/check.h"
#include "base/random.h"
#include "base/time.h"
#include "runtime/disk.h"
#include "runtime/network.h"
#include "runtime/operation.h"
#include "runtime/timer.h"

namespace portolan::runtime {

// A piece of work that would block, done away from the shards.
class OffloadedWork : public Operation {
 public:
  virtual void run() = 0;  // on another thread; touches only what it owns

 protected:
  ~OffloadedWork() = default;
};

// One core's event loop, and the four seams it hands out: clock, network, disk,
// chance. EpollShard runs on the real ones, virtual_time::VirtualShard on
// simulated ones.
//
// Lives on: one thread.  Owner: that thread's main function.
// Nothing may be called from another thread but call().
class Shard {
 public:
  explicit Shard(std::uint64_t seed) : random_(seed) {}
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;
  virtual ~Shard() = default;

  virtual Instant now() const = 0;
  virtual WallTime wall_now() const = 0;
  virtual Network& network() = 0;
  virtual Disk& disk() = 0;
  Random& random() { return random_; }
  // Bytes that nobody can guess (keys, secrets).
  virtual void fill_secret(std::span<unsigned char> bytes) = 0;

  // Tells the operator something: one line of the operations log.
  virtual void report(std::string_view sentence) = 0;

  // Starts work on another thread; operation.done() is called here when it ended.
  virtual void start_offload(OffloadedWork& work) = 0;

  void arm(Timer& timer, Instant when) { timers_.arm(timer, when); }
  void disarm(Timer& timer) { timers_.disarm(timer); }

  // Lets operation.done() be called from the loop, in order of these calls.
  void make_ready(Operation& operation);

  // Whether something that completed at once may go on at once. False now and
  // then, so that a fast peer cannot keep the others waiting: the completion
  // then goes through make_ready().
  bool may_run_on() { return --turn_budget_ > 0; }

  virtual void assert_here() const = 0;

 protected:
  TimerQueue& timers() { return timers_; }
  const TimerQueue& timers() const { return timers_; }
  bool has_ready() const { return first_ready_ != nullptr; }
  // Calls done() of everything that was ready when the call began.
  void run_ready();
  void run_due_timers();

 private:
  static constexpr int turn_budget_start = 64;

  TimerQueue timers_;
  Random random_;
  Operation* first_ready_ = nullptr;
  Operation* last_ready_ = nullptr;
  int turn_budget_ = turn_budget_start;
};

}  // namespace portolan::runtime
