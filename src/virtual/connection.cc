#include "virtual/connection.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "runtime/keep_alive.h"
#include "virtual/universe.h"
#include "virtual/virtual_shard.h"

namespace portolan::virtual_time {
namespace {

Fault reset_fault() {
  return {Code::connection_reset, Retry::elsewhere, "the peer reset the connection"};
}

}  // namespace

bool Connection::try_read(End& end, runtime::Operation& operation) {
  if (end.broken) {
    operation.outcome = *end.broken;
    return true;
  }
  if (end.arrived.empty()) {
    if (!end.ended) return false;
    operation.outcome = std::size_t{0};
    return true;
  }
  std::size_t bytes = std::min(end.into.size(), end.arrived.size());
  if (bytes > 1 && universe_.random().chance(universe_.faults().short_read)) {
    ++universe_.faults().happened["short_read"];
    bytes = 1 + universe_.random().below(bytes - 1);
  }
  std::memcpy(end.into.data(), end.arrived.data(), bytes);
  end.arrived.erase(0, bytes);
  operation.outcome = bytes;
  End& peer = &end == &ends_[0] ? ends_[1] : ends_[0];
  peer.unread -= std::min(peer.unread, bytes);
  if (peer.writing != nullptr && peer.unread <= window) {
    peer.writing->outcome = peer.written;
    peer.machine->make_ready(*std::exchange(peer.writing, nullptr));
  }
  return true;
}

bool Connection::start_read(std::size_t side, std::span<char> into,
                            runtime::Operation& operation) {
  End& end = ends_[side];
  check(end.reading == nullptr, "one read at a time");
  end.into = into;
  if (try_read(end, operation)) return true;
  end.reading = &operation;
  return false;
}

bool Connection::start_write(std::size_t side, std::span<const std::string_view> pieces,
                             runtime::Operation& operation) {
  End& end = ends_[side];
  check(end.writing == nullptr, "one write at a time");
  if (end.broken) {
    operation.outcome = *end.broken;
    return true;
  }
  std::string bytes;
  for (const std::string_view piece : pieces) bytes += piece;
  end.written = bytes.size();
  end.unread += bytes.size();
  operation.outcome = end.written;
  if (!bytes.empty()) send_later(1 - side, {Parcel::Kind::bytes, std::move(bytes), universe_.now()});
  if (end.unread <= window) return true;
  end.writing = &operation;
  return false;
}

void Connection::cancel(std::size_t side, runtime::Operation& operation, Code why) {
  End& end = ends_[side];
  runtime::Operation*& pending = &operation == end.reading ? end.reading : end.writing;
  if (pending != &operation) return;
  operation.outcome = runtime::cancelled_fault(why);
  end.machine->make_ready(*std::exchange(pending, nullptr));
}

bool Connection::blocked(std::size_t to) const {
  return universe_.links().blocked(ends_[1 - to].machine->name(), ends_[to].machine->name());
}

void Connection::send_later(std::size_t to, Parcel parcel) {
  Faults& faults = universe_.faults();
  End& end = ends_[to];
  Duration delay = faults.latency + universe_.links().delay(ends_[1 - to].machine->name(),
                                                            end.machine->name());
  // A reset overtakes what the network holds up.
  if (parcel.kind != Parcel::Kind::reset) {
    if (universe_.random().chance(faults.delivery_delayed)) {
      ++faults.happened["delivery_delayed"];
      delay = delay + faults.delay_max / 1000 *
                          static_cast<std::int64_t>(universe_.random().below(1000));
    }
    end.last_delivery = std::max(end.last_delivery, universe_.now() + delay);
  }
  const bool is_reset = parcel.kind == Parcel::Kind::reset;
  universe_.at(is_reset ? universe_.now() + delay : end.last_delivery,
               [self = shared_from_this(), to, sent = std::move(parcel)]() mutable {
                 self->arrive(to, std::move(sent));
               });
}

void Connection::arrive(std::size_t to, Parcel parcel) {
  if (forgotten_ && !blocked(1 - to)) break_end(ends_[1 - to], reset_fault());
  if (lost_ || silent_) return;
  End& end = ends_[to];
  if (blocked(to) || !end.held.empty()) {
    end.held.push_back(std::move(parcel));
  } else {
    deliver(to, std::move(parcel));
  }
}

void Connection::release_held(std::size_t to) {
  End& end = ends_[to];
  while (!end.held.empty() && !blocked(to)) {
    Parcel parcel = std::move(end.held.front());
    end.held.pop_front();
    if (!lost_ && !silent_) deliver(to, std::move(parcel));
  }
}

void Connection::deliver(std::size_t to, Parcel parcel) {
  End& end = ends_[to];
  if (parcel.kind == Parcel::Kind::reset) return break_end(end, reset_fault());
  universe_.show({.connection = number_,
                  .from = *ends_[1 - to].machine,
                  .to = *end.machine,
                  .sent = parcel.sent,
                  .bytes = parcel.bytes});
  if (!end.open || end.broken) return;
  Faults& faults = universe_.faults();
  if (universe_.random().chance(faults.connection_reset)) return reset("connection_reset");
  if (universe_.random().chance(faults.connection_lost)) {
    ++faults.happened["connection_lost"];
    universe_.note(end.machine->name(), "connection_lost from " + ends_[1 - to].machine->name());
    lost_ = true;
    return;
  }
  const bool is_end = parcel.kind == Parcel::Kind::end;
  universe_.note(end.machine->name(),
                 (is_end ? "end from " : std::to_string(parcel.bytes.size()) + " bytes from ") +
                     ends_[1 - to].machine->name());
  end.arrived += parcel.bytes;
  end.ended = end.ended || is_end;
  wake_reader(end);
}

void Connection::wake_reader(End& end) {
  if (end.reading != nullptr && try_read(end, *end.reading)) {
    end.machine->make_ready(*std::exchange(end.reading, nullptr));
  }
}

void Connection::send_end(std::size_t side) {
  if (!ends_[side].broken) send_later(1 - side, {Parcel::Kind::end, {}, universe_.now()});
}

void Connection::leave(std::size_t side, bool is_reset) {
  End& end = ends_[side];
  check(end.reading == nullptr && end.writing == nullptr, "a stream in use was destroyed");
  end.open = false;
  End& peer = ends_[1 - side];
  if (!peer.open || end.broken || lost_) return;
  // As the kernel does: bytes that nobody read turn the end into a reset.
  if (!is_reset && end.arrived.empty()) {
    // A peer that keeps writing gets a reset; nobody will make room for it.
    if (peer.writing != nullptr) break_end(peer, reset_fault());
    return send_end(side);
  }
  send_later(1 - side, {Parcel::Kind::reset, {}, universe_.now()});
}

void Connection::kill_side(std::size_t side) {
  break_end(ends_[side], reset_fault());
  if (ends_[1 - side].open) send_later(1 - side, {Parcel::Kind::reset, {}, universe_.now()});
}

// The side that made the connection asks whether the other still knows it.
void Connection::ask_alive_after(Duration span) {
  if (!ends_[0].open) return;
  universe_.at(universe_.now() + span,
               [self = shared_from_this()] { self->break_end(self->ends_[0], reset_fault()); });
}

void Connection::fall_silent(std::size_t side) {
  silent_ = true;
  break_end(ends_[side], reset_fault());
  ask_alive_after(runtime::keep_alive_idle +
                  runtime::keep_alive_interval * runtime::keep_alive_probes);
}

void Connection::end_silence() {
  if (!silent_) return;
  forgotten_ = true;
  // What was sent into the silence is sent again.
  for (std::size_t side = 0; side < ends_.size(); ++side) {
    if (ends_[side].open && ends_[side].unread > 0 && !blocked(side)) {
      break_end(ends_[side], reset_fault());
    }
  }
  ask_alive_after(runtime::keep_alive_idle);
}

void Connection::break_end(End& end, const Fault& fault) {
  if (!end.open || end.broken) return;
  end.broken = fault;
  end.arrived.clear();
  universe_.note(end.machine->name(), "reset");
  if (end.writing != nullptr) {
    end.writing->outcome = fault;
    end.machine->make_ready(*std::exchange(end.writing, nullptr));
  }
  wake_reader(end);
}

void Connection::reset(std::string_view name) {
  ++universe_.faults().happened[std::string(name)];
  universe_.note(ends_[1].machine->name(), name);
  for (End& end : ends_) break_end(end, reset_fault());
}

}  // namespace portolan::virtual_time
