#pragma once

#include "runtime/wait.h"

namespace portolan::runtime {

class Event;

// co_await event.wait(): Status; a Fault when cancelled first.
class EventWait final : public Wait {
 public:
  EventWait(Shard& shard, Event& event) : Wait(shard), event_(event) {}
  Status await_resume() {
    if (!outcome) return std::move(outcome).error();
    return {};
  }

 private:
  friend class Event;
  bool start() override;
  void on_cancel(Code why) override;

  Event& event_;
  EventWait* next_ = nullptr;
};

// Something that waiters on one shard are told of. notify_all() wakes those who
// wait now; who comes later waits for the next one.
class Event {
 public:
  explicit Event(Shard& shard) : shard_(shard) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { check(first_ == nullptr, "an event with waiters was destroyed"); }

  EventWait wait() { return {shard_, *this}; }
  void notify_all();

 private:
  friend class EventWait;
  void forget(EventWait& wait);

  Shard& shard_;
  EventWait* first_ = nullptr;
};

}  // namespace portolan::runtime
