#include "virtual/universe.h"

#include <algorithm>

#include "runtime/detached.h"
#include "virtual/connection.h"
#include "virtual/virtual_shard.h"

namespace portolan::virtual_time {

Universe::Universe(std::uint64_t seed) : random_(seed) {}

Universe::~Universe() {
  // What was destroyed in use ends in its own time.
  while (std::ranges::any_of(machines_, [](const auto& machine) { return machine->has_ready(); })) {
    for (const auto& machine : machines_) machine->run_ready();
  }
  events_.clear();
  machines_.clear();
}

VirtualShard& Universe::add_machine(std::string name) {
  machines_.push_back(std::make_unique<VirtualShard>(*this, std::move(name), random_.next()));
  return *machines_.back();
}

const VirtualShard* Universe::find_machine(std::string_view name) const {
  const auto found = std::ranges::find(machines_, name, [](const auto& one) -> std::string_view {
    return one->name();
  });
  return found == machines_.end() ? nullptr : found->get();
}

void Universe::at(Instant when, std::move_only_function<void()> event) {
  events_.emplace(std::pair{when, event_count_++}, std::move(event));
}

void Universe::note(std::string_view who, std::string_view what) {
  trace_ += std::to_string(now_.ns);
  trace_ += ' ';
  trace_ += who;
  trace_ += ' ';
  trace_ += what;
  trace_ += '\n';
}

Instant Universe::soonest() const {
  Instant soonest = events_.empty() ? Instant::never() : events_.begin()->first.first;
  for (const auto& machine : machines_) {
    if (!machine->paused_) soonest = std::min(soonest, machine->timers().soonest());
  }
  return soonest;
}

// Runs what is ready; when nothing is, lets time jump. False when nothing can
// happen any more.
bool Universe::turn() {
  bool ran = false;
  for (const auto& machine : machines_) {
    if (machine->paused_ || !machine->has_ready()) continue;
    machine->run_ready();
    ran = true;
  }
  if (ran) return true;
  const Instant next = soonest();
  if (next == Instant::never()) return false;
  now_ = std::max(now_, next);
  while (!events_.empty() && events_.begin()->first.first <= now_) {
    auto event = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    event();
  }
  for (const auto& machine : machines_) {
    if (!machine->paused_) machine->run_due_timers();
  }
  return true;
}

bool Universe::run(runtime::Task<void> work, Duration span) {
  const Instant end = now_ + span;
  bool ended = false;
  runtime::CancelScope scope(nullptr);
  constexpr auto run_root = [](runtime::Task<void> root, runtime::CancelScope& under,
                               bool& flag) -> runtime::detail::Detached {
    co_await std::move(root).under(under);
    flag = true;
  };
  run_root(std::move(work), scope, ended);
  while (!ended && now_ < end && turn()) {
  }
  if (ended) return true;
  scope.cancel();
  while (!ended) check(turn(), "cancelled work waits for nothing that can happen");
  return false;
}

void Universe::drop_listeners(const VirtualShard& machine) {
  for (auto listener = listeners_.begin(); listener != listeners_.end();) {
    if (&listener->second->machine() == &machine) {
      listener->second->forget_universe();
      listener = listeners_.erase(listener);
    } else {
      ++listener;
    }
  }
}

std::vector<std::shared_ptr<Connection>> Universe::open_connections() {
  std::vector<std::shared_ptr<Connection>> open;
  std::erase_if(connections_, [](const auto& connection) { return connection.expired(); });
  for (const auto& connection : connections_) open.push_back(connection.lock());
  return open;
}

void Universe::cut_off(VirtualShard& machine) {
  note(machine.name(), "killed");
  machine.cut_off_ = true;
  machine.paused_ = false;
  drop_listeners(machine);
  for (const auto& connection : open_connections()) {
    for (const std::size_t side : {0u, 1u}) {
      if (connection->end(side).machine == &machine) connection->kill_side(side);
    }
  }
}

void Universe::cut_power(VirtualShard& machine) {
  note(machine.name(), "lost its power");
  machine.cut_off_ = true;
  machine.silent_ = true;
  machine.paused_ = false;
  drop_listeners(machine);
  for (const auto& connection : open_connections()) {
    for (const std::size_t side : {0u, 1u}) {
      if (connection->end(side).machine == &machine) connection->fall_silent(side);
    }
  }
  machine.disk().lose_unsynced();
}

void Universe::restore(VirtualShard& machine) {
  note(machine.name(), "restored");
  machine.cut_off_ = false;
  if (!std::exchange(machine.silent_, false)) return;
  for (const auto& connection : open_connections()) {
    if (connection->end(0).machine == &machine || connection->end(1).machine == &machine) {
      connection->end_silence();
    }
  }
}

void Universe::pause(VirtualShard& machine) {
  note(machine.name(), "paused");
  machine.paused_ = true;
}

void Universe::resume(VirtualShard& machine) {
  note(machine.name(), "resumed");
  machine.paused_ = false;
}

void Universe::block(const Links::Way& way) {
  note(way.from, "reaches no more " + way.to);
  links_.block(way);
}

void Universe::unblock(const Links::Way& way) {
  note(way.from, "reaches again " + way.to);
  if (!links_.unblock(way)) return;
  at(now_ + faults_.latency, [this, way] {
    for (const auto& connection : open_connections()) {
      for (const std::size_t to : {0u, 1u}) {
        if (connection->end(1 - to).machine->name() == way.from &&
            connection->end(to).machine->name() == way.to) {
          connection->release_held(to);
        }
      }
    }
  });
}

void Universe::reset_between(std::string_view first, std::string_view other) {
  for (const auto& connection : open_connections()) {
    const std::string& client = connection->end(0).machine->name();
    const std::string& server = connection->end(1).machine->name();
    if ((client == first && server == other) || (client == other && server == first)) {
      connection->reset("hop_cut");
    }
  }
}

}  // namespace portolan::virtual_time
