#include "http/intake.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/limits.h"

namespace portolan::http {

void Intake::Arrival::on_cancel(Code why) {
  intake_.waiting_ = nullptr;
  outcome = runtime::cancelled_fault(why);
  shard_.make_ready(*this);
}

void Intake::Stop::await_suspend(std::coroutine_handle<> waiting) const {
  intake.stopping_ = waiting;
  intake.stream_.cancel(intake, Code::cancelled);
}

void Intake::consume(std::size_t count) {
  check(count <= end_ - begin_, "only what is there can be consumed");
  begin_ += count;
}

void Intake::hold(std::size_t count) {
  consume(count);
  floor_ = begin_;
}

void Intake::watch(Watcher& watcher) {
  watcher_ = &watcher;
  if (pending_ || ended_ || !has_room()) return;
  // Through the loop even when it completed at once: a peer that sends one byte
  // a record must not build a tower of calls.
  if (begin_read()) shard_.make_ready(*this);
}

bool Intake::reserve(std::size_t room) {
  check(floor_ == 0, "held bytes do not move");
  if (pending_ || capacity_ - end_ >= room) return false;
  const std::size_t wanted = std::min(end_ - begin_ + room, limits::read_buffer_bytes.count());
  if (wanted <= capacity_ && begin_ == 0) return false;
  move_to(std::max(wanted, capacity_));
  return true;
}

void Intake::release() {
  check(!pending_ && floor_ == 0 && begin_ == end_, "a buffer in use is not given back");
  bytes_.reset();
  capacity_ = begin_ = end_ = 0;
  filled_ = false;
}

// Held bytes fix the memory as it is.
std::size_t Intake::limit() const {
  return floor_ > 0 ? capacity_ : limits::read_buffer_bytes.count();
}

void Intake::move_to(std::size_t capacity) {
  if (capacity == capacity_) {
    std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
  } else {
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (begin_ < end_) std::memcpy(larger.get(), bytes_.get() + begin_, end_ - begin_);
    bytes_ = std::move(larger);
    capacity_ = capacity;
  }
  end_ -= begin_;
  begin_ = 0;
}

std::span<char> Intake::make_room() {
  if (begin_ == end_) begin_ = end_ = floor_;
  const std::size_t unread = end_ - begin_;
  const bool grow = floor_ == 0 && (filled_ || unread == capacity_) && capacity_ < limit();
  if (grow) {
    move_to(std::min(std::max(2 * capacity_, start_bytes), limit()));
  } else if (begin_ > floor_ && capacity_ - end_ < capacity_ / 2) {
    std::memmove(bytes_.get() + floor_, bytes_.get() + begin_, unread);
    begin_ = floor_;
    end_ = begin_ + unread;
  }
  filled_ = false;
  return {bytes_.get() + end_, capacity_ - end_};
}

// True when it completed at once; its outcome is then still to be taken.
bool Intake::begin_read() {
  const std::span<char> room = make_room();
  pending_ = true;
  return stream_.start_read(room, *this);
}

void Intake::take_outcome() {
  pending_ = false;
  if (!outcome) {
    const bool stopped = stopping_ && outcome.error().code == Code::cancelled;
    if (stopped) return;
    ended_ = true;
    fault_ = outcome.error();
    return;
  }
  end_ += *outcome;
  filled_ = end_ == capacity_;
  ended_ = *outcome == 0;
}

void Intake::report_end(Operation& operation) const {
  if (fault_) {
    operation.outcome = *fault_;
  } else {
    operation.outcome = std::size_t{0};
  }
}

bool Intake::begin_wait(Arrival& arrival) {
  check(waiting_ == nullptr, "one waits at a time");
  if (ended_) {
    report_end(arrival);
    return true;
  }
  if (!pending_) {
    if (!has_room()) {
      arrival.outcome = Fault{Code::limit_exceeded, Retry::never, "the read buffer is full"};
      return true;
    }
    if (begin_read()) {
      take_outcome();
      arrival.outcome = outcome;
      return true;
    }
  }
  waiting_ = &arrival;
  return false;
}

// Each branch gives control away as its last act, since this may be gone then.
void Intake::done() {
  take_outcome();
  if (stopping_) {
    std::exchange(stopping_, {}).resume();
  } else if (waiting_ != nullptr) {
    waiting_->outcome = outcome;
    std::exchange(waiting_, nullptr)->done();
  } else if (watcher_ != nullptr) {
    watcher_->on_arrival();
  }
}

}  // namespace portolan::http
