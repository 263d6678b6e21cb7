#include "sim/fault_play.h"

#include <utility>

#include "runtime/wait.h"

namespace portolan::sim {
namespace {

constexpr std::size_t steps_max = 256;

std::uint64_t executions_of(const engines::EngineSim& sim) {
  return sim.engines().front()->state().executions.total().started;
}

void set_probabilities(virtual_time::Faults& faults, const virtual_time::Faults& wanted) {
  auto happened = std::move(faults.happened);
  faults = wanted;
  faults.happened = std::move(happened);
}

}  // namespace

FaultPlay::FaultPlay(Network& network, FaultPlan plan)
    : network_(network), plan_(std::move(plan)), steps_(network.client(), steps_max) {}

void FaultPlay::begin(MadeKey spare) {
  spare_ = std::move(spare);
  set_probabilities(network_.universe().faults(), plan_.network);
  for (const FaultStep& step : plan_.steps) steps_.start(run_step(*this, step));
}

runtime::Task<void> FaultPlay::finish() {
  co_await steps_.drain();
  for (std::size_t zone = 0; zone < zone_count; ++zone) {
    settle_order(zone);
    engines::EngineSim* sim = network_.zone(zone).sim;
    if (sim != nullptr) sim->engines().front()->state().faults.clear();
  }
  set_probabilities(network_.universe().faults(), {});
  network_.start_missing();
  // A drain whose answer was lost, or that overlapped with another.
  for (const std::string_view zone : zone_names) {
    const Status lifted = co_await network_.admin().lift_drain(std::string(zone));
    if (!lifted) network_.universe().note("plan", "was not drained");
  }
}

void FaultPlay::count(std::string_view name) { ++happened_[std::string(name)]; }

std::map<std::string, std::uint64_t> FaultPlay::happened() {
  auto all = network_.universe().faults().happened;
  for (const auto& [name, times] : happened_) all[name] += times;
  return all;
}

runtime::Task<void> FaultPlay::run_step(FaultPlay& play, FaultStep step) {
  Network& network = play.network_;
  const Status slept = co_await runtime::sleep_for(network.client(), step.at);
  if (!slept) co_return;
  network.universe().note("plan", name_of(step));
  switch (step.kind) {
    case FaultStep::Kind::order_engine:
      play.order(step);
      break;
    case FaultStep::Kind::kill_engine:
      play.settle_order(step.zone);
      play.standing_[step.zone] = {};
      co_await play.take_down(*network.zone(step.zone).engine, step);
      break;
    case FaultStep::Kind::kill_gateway:
      co_await play.take_down(*network.zone(step.zone).gateway, step);
      break;
    case FaultStep::Kind::cut_control:
      co_await play.take_down(network.control(), step);
      break;
    case FaultStep::Kind::drain:
      co_await play.drain_zone(step);
      break;
    case FaultStep::Kind::revoke:
      co_await play.revoke_spare();
      break;
  }
}

runtime::Task<void> FaultPlay::take_down(Process& process, FaultStep step) {
  if (!process.running()) co_return;
  count(name_of(step));
  co_await process.kill();
  const Status slept = co_await runtime::sleep_for(network_.client(), step.span);
  if (slept && !process.running()) process.start();
}

runtime::Task<void> FaultPlay::drain_zone(FaultStep step) {
  const std::string zone(zone_names[step.zone]);
  const Status drained = co_await network_.admin().drain(zone);
  if (drained) count(name_of(step));
  const Status slept = co_await runtime::sleep_for(network_.client(), step.span);
  if (!slept) co_return;
  const Status lifted = co_await network_.admin().lift_drain(zone);
  if (!lifted) network_.universe().note("plan", lifted.error().message);
}

runtime::Task<void> FaultPlay::revoke_spare() {
  const Status revoked = co_await network_.admin().revoke_key(spare_.id);
  if (!revoked) co_return;
  count("key_revoked");
  if (!revoked_at_) revoked_at_ = network_.client().now();
}

void FaultPlay::order(const FaultStep& step) {
  engines::EngineSim* sim = network_.zone(step.zone).sim;
  if (sim == nullptr) return;
  if (step.order.kind == engines::FaultOrder::Kind::health) {
    sim->engines().front()->state().faults.add(step.order, network_.client().now());
    count(name_of(step));
    return;
  }
  settle_order(step.zone);
  if (standing_[step.zone].sim == sim) return;  // one stands already
  sim->engines().front()->state().faults.add(step.order, network_.client().now());
  standing_[step.zone] = {std::string(name_of(step)), sim, executions_of(*sim)};
}

// An order has happened when there was an execution since.
void FaultPlay::settle_order(std::size_t zone) {
  Standing& standing = standing_[zone];
  const engines::EngineSim* sim = network_.zone(zone).sim;
  if (standing.sim == nullptr) return;
  if (standing.sim != sim) {
    standing = {};
  } else if (executions_of(*sim) > standing.started) {
    count(standing.name);
    standing = {};
  }
}

}  // namespace portolan::sim
