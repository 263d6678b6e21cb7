#pragma once

#include <cstddef>
#include <vector>

#include "base/time.h"

namespace portolan::runtime {

// Fires once at an instant unless disarmed. Belongs to whoever waits.
class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  bool armed() const { return position_ != unarmed; }
  Instant when() const { return when_; }

  // Called from the shard's loop; the timer is disarmed by then.
  virtual void fired() = 0;

 protected:
  ~Timer() = default;

 private:
  friend class TimerQueue;
  static constexpr std::size_t unarmed = static_cast<std::size_t>(-1);

  Instant when_;
  std::uint64_t order_ = 0;
  std::size_t position_ = unarmed;
};

// The armed timers of one shard, soonest first; equal instants fire in the order
// of arming. A binary heap in which every timer knows its place, so that
// disarming costs as little as arming.
class TimerQueue {
 public:
  void arm(Timer& timer, Instant when);
  void disarm(Timer& timer);

  bool empty() const { return heap_.empty(); }
  // Instant::never() when there is none.
  Instant soonest() const { return heap_.empty() ? Instant::never() : heap_.front()->when_; }
  // The soonest timer if it is due at `now`, disarmed; or null.
  Timer* take_due(Instant now);

 private:
  static bool before(const Timer& a, const Timer& b);
  void place(Timer* timer, std::size_t position);
  void sift_up(std::size_t position);
  void sift_down(std::size_t position);

  std::vector<Timer*> heap_;
  std::uint64_t armed_count_ = 0;
};

}  // namespace portolan::runtime
