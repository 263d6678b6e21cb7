#include "runtime/event.h"

#include <utility>

namespace portolan::runtime {

bool EventWait::start() {
  EventWait** last = &event_.first_;
  while (*last != nullptr) last = &(*last)->next_;
  *last = this;
  return false;
}

void EventWait::on_cancel(Code why) {
  event_.forget(*this);
  outcome = cancelled_fault(why);
  shard_.make_ready(*this);
}

void Event::notify_all() {
  EventWait* wait = std::exchange(first_, nullptr);
  while (wait != nullptr) {
    EventWait* next = std::exchange(wait->next_, nullptr);
    wait->leave_scope();
    shard_.make_ready(*wait);
    wait = next;
  }
}

void Event::forget(EventWait& wait) {
  EventWait** link = &first_;
  while (*link != &wait) link = &(*link)->next_;
  *link = std::exchange(wait.next_, nullptr);
}

}  // namespace portolan::runtime
