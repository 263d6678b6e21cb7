#include "sim/fault_play.h"

#include <algorithm>
#include <utility>

#include "runtime/wait.h"
#include "sim/scenario_times.h"

namespace portolan::sim {
namespace {

constexpr std::size_t steps_max = 256;

void set_probabilities(virtual_time::Faults& faults, const virtual_time::Faults& wanted) {
  auto happened = std::move(faults.happened);
  faults = wanted;
  faults.happened = std::move(happened);
}

}  // namespace

FaultPlay::FaultPlay(Network& network, FaultPlan plan)
    : network_(network),
      plan_(std::move(plan)),
      published_{{}},
      steps_(network.client(), steps_max) {}

void FaultPlay::begin(MadeKey spare) {
  spare_ = std::move(spare);
  published_.front().hash = network_.first_world();
  set_probabilities(network_.universe().faults(), plan_.network);
  for (const FaultStep& step : plan_.steps) steps_.start(run_step(*this, step));
}

runtime::Task<void> FaultPlay::finish() {
  co_await steps_.drain();
  for (std::size_t zone = 0; zone < network_.zone_count(); ++zone) {
    engines::EngineSim* sim = network_.zone(zone).sim;
    if (sim != nullptr) sim->engines().front()->state().faults.clear();
    set_clock(zone, {});
  }
  set_probabilities(network_.universe().faults(), {});
  network_.start_missing();
  // A drain whose answer was lost, or that overlapped with another.
  for (const AtlasZone& zone : network_.atlas().zones) {
    const Status lifted = co_await network_.admin().lift_drain(zone.name);
    if (!lifted) network_.universe().note("plan", "was not drained");
  }
}

void FaultPlay::count(std::string_view name) { ++happened_[std::string(name)]; }

std::map<std::string, std::uint64_t> FaultPlay::happened() {
  auto all = network_.universe().faults().happened;
  for (const auto& [name, times] : happened_) all[name] += times;
  for (const auto& [name, times] : network_.old_control().happened()) all[name] += times;
  return all;
}

FaultPlay::Step FaultPlay::step_of(FaultStep::Kind kind) {
  switch (kind) {
    case FaultStep::Kind::order_engine:
      return &FaultPlay::order_engine;
    case FaultStep::Kind::kill_engine:
      return &FaultPlay::kill_engine;
    case FaultStep::Kind::kill_gateway:
      return &FaultPlay::kill_gateway;
    case FaultStep::Kind::cut_power:
      return &FaultPlay::cut_power;
    case FaultStep::Kind::pause_gateway:
      return &FaultPlay::pause_gateway;
    case FaultStep::Kind::roll_back_disk:
      return &FaultPlay::roll_back_disk;
    case FaultStep::Kind::trouble_disk:
      return &FaultPlay::trouble_disk;
    case FaultStep::Kind::jump_clock:
      return &FaultPlay::jump_clock;
    case FaultStep::Kind::kill_control:
      return &FaultPlay::kill_control;
    case FaultStep::Kind::cut_hop:
      return &FaultPlay::cut_hop;
    case FaultStep::Kind::delay_hop:
      return &FaultPlay::delay_hop;
    case FaultStep::Kind::part:
    case FaultStep::Kind::part_one_way:
      return &FaultPlay::part;
    case FaultStep::Kind::change_world:
      return &FaultPlay::change_world;
    case FaultStep::Kind::drain:
      return &FaultPlay::drain;
    case FaultStep::Kind::revoke:
      return &FaultPlay::revoke;
  }
  std::unreachable();
}

runtime::Task<void> FaultPlay::run_step(FaultPlay& play, FaultStep step) {
  const Status slept = co_await runtime::sleep_for(play.network_.client(), step.at);
  if (!slept) co_return;
  play.network_.universe().note("plan", name_of(step));
  const Step played = step_of(step.kind);
  co_await (play.*played)(step);
}

// A span that is cut short ends the step early, and all is made whole again.
runtime::Task<void> FaultPlay::wait(Duration span) {
  const Status slept = co_await runtime::sleep_for(network_.client(), span);
  if (!slept) network_.universe().note("plan", "a step is cut short");
}

void FaultPlay::end_harms(const std::vector<Weather::Harm>& harms, Instant until) {
  for (const Weather::Harm harm : harms) weather_.end(harm, until);
}

// Of connections: what is sent on a new one is not harmed.
runtime::Task<void> FaultPlay::cut_hop(FaultStep step) {
  const std::vector harms = {weather_.begin(step.one + ">" + step.other, now())};
  network_.universe().reset_between(step.one, step.other);
  end_harms(harms, now());
  co_return;
}

runtime::Task<void> FaultPlay::delay_hop(FaultStep step) {
  const virtual_time::Links::Way way{step.one, step.other};
  const std::vector harms = {weather_.begin(step.one + ">" + step.other, now())};
  count(name_of(step));
  network_.universe().links().slow_down(way, step.amount);
  co_await wait(step.span);
  network_.universe().links().slow_down(way, {});
  end_harms(harms, now() + step.amount);
}

runtime::Task<void> FaultPlay::part(FaultStep step) {
  virtual_time::Universe& universe = network_.universe();
  const bool both = step.kind == FaultStep::Kind::part;
  std::vector harms = {weather_.begin(step.one + ">" + step.other, now())};
  if (both) harms.push_back(weather_.begin(step.other + ">" + step.one, now()));
  count(name_of(step));
  universe.block({step.one, step.other});
  if (both) universe.block({step.other, step.one});
  co_await wait(step.span);
  universe.unblock({step.one, step.other});
  if (both) universe.unblock({step.other, step.one});
  end_harms(harms, now());
}

runtime::Task<void> FaultPlay::change_world(FaultStep step) {
  if (std::exchange(changing_world_, true)) co_return;
  const std::size_t current = published_.back().edition;
  const std::size_t last = network_.atlas().editions.size() - 1;
  step.back = current == 0 ? false : current == last ? true : step.back;
  const std::size_t edition = step.back ? current - 1 : current + 1;
  published_.push_back({edition, {}, now()});
  std::string resources = render_atlas(network_.atlas(), edition);
  const auto hash = co_await network_.admin().apply(std::move(resources));
  // Of an answer that never came nobody knows whether it was done.
  if (hash) {
    published_.back().hash = *hash;
    count(name_of(step));
  } else {
    network_.universe().note("plan", hash.error().message);
  }
  changing_world_ = false;
}

runtime::Task<void> FaultPlay::drain(FaultStep step) {
  const std::string zone = network_.atlas().zones[step.zone].name;
  const std::vector harms = {weather_.begin(zone, now())};
  const Status drained = co_await network_.admin().drain(zone);
  if (drained) count(name_of(step));
  co_await wait(step.span);
  const Status lifted = co_await network_.admin().lift_drain(zone);
  if (!lifted) network_.universe().note("plan", lifted.error().message);
  end_harms(harms, now() + news_time);
}

runtime::Task<void> FaultPlay::revoke(FaultStep) {
  if (!revoked_from_) revoked_from_ = now();
  const Status revoked = co_await network_.admin().revoke_key(spare_.id);
  if (!revoked) co_return;
  count("key_revoked");
  if (!revoked_at_) revoked_at_ = now();
}

}  // namespace portolan::sim
