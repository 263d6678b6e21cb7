#include <fmt/format.h>

#include <algorithm>

#include "control/compile_rollout.h"
#include "control/control.h"
#include "control/state_codec.h"
#include "runtime/combine.h"

namespace portolan::control {
namespace {

using Kind = policy::WaveVerdict::Kind;

constexpr Duration look_every = Duration::seconds(1);
constexpr Duration gateways_return = Duration::seconds(3);  // after a restart of control

RolloutStep step_of(const std::vector<policy::WaveZone>& zones,
                    const std::vector<std::size_t>& wave, const HeardGateways& gateways,
                    WallTime now) {
  RolloutStep step;
  step.began = now;
  for (const auto at : wave) {
    const auto& zone = zones[at];
    step.zones.push_back(zone.name);
    for (const auto& [id, record] : gateways) {
      if (record.said.zone != zone.name || !is_near(record, now)) continue;
      AwaitedGateway gateway{.id = id, .zone = zone.name};
      if (zone.touched) gateway.engines_down = engines_down(record.said);
      step.gateways.push_back(std::move(gateway));
    }
  }
  return step;
}

// As much of it as an entry of the audit log takes.
std::string as_reason(std::string why) {
  if (why.size() > audit_reason_bytes_max.count()) why.resize(audit_reason_bytes_max.count());
  return why;
}

}  // namespace

// Of a World that gateways are to get one zone after the other; nothing when it
// goes to all at once.
std::optional<Rollout> Control::rollout_to_begin(const Actor& by) const {
  const bool first = state_.numbers.world == 0;
  if (options_.waves == Waves::at_once || first || state_.held_back()) return std::nullopt;
  Rollout rollout;
  rollout.began = shard_.wall_now();
  if (by.refusals_meant) rollout.refusals_meant = by.reason;
  return rollout;
}

bool Control::waits_for_its_turn(const std::string& gateway) const {
  if (!state_.rolling_out()) return false;
  const auto found = gateways_.by_id().find(gateway);
  return found == gateways_.by_id().end() || !state_.rollout->released(found->second.said.zone);
}

// Looks at every change and every second. A rollout that was begun by another
// process, or by this one before a restart, goes on where it stands.
runtime::Task<void> Control::drive_rollouts() {
  const Instant began = shard_.now();
  while (!draining_) {
    const bool active = state_.rolling_out();
    if (active && shard_.now() - began >= gateways_return) {
      const Status stepped = co_await step_rollout();
      if (!stepped && stepped.error().code == Code::cancelled) co_return;
      if (!stepped) shard_.report("the rollout cannot go on: " + stepped.error().message);
    }
    const Instant next = active ? shard_.now() + look_every : Instant::never();
    auto waiting = wait_for_change();
    const Status told = co_await runtime::until(shard_, next, std::move(waiting));
    if (!told && shard_.now() < next) co_return;
  }
}

runtime::Task<Result<bool>> Control::may_drive() {
  if (!following_) co_return true;
  if (driver_lease_ != 0) {
    const Status kept = co_await store_.keep_alive(driver_lease_);
    if (kept) co_return true;
    if (kept.error().code != Code::resource_not_found) co_return kept.error();
    driver_lease_ = 0;
  }
  store::RangeRequest request;
  request.prefix = driver_key;
  CO_TRY(const auto driver, co_await store_.range(std::move(request)));
  if (!driver.items.empty()) co_return false;
  auto taken = co_await take_driver_lease();
  co_return taken;
}

runtime::Task<Result<bool>> Control::take_driver_lease() {
  CO_TRY(const auto lease, co_await store_.grant_lease(rollout_driver_ms.milliseconds()));
  store::Transaction transaction;
  transaction.compares.push_back({.key = std::string(driver_key), .mod_revision = 0});
  transaction.puts.push_back({.key = std::string(driver_key), .value = "", .lease = lease});
  const auto revision = co_await store_.commit(std::move(transaction));
  if (!revision && revision.error().code == Code::resource_conflict) co_return false;
  if (!revision) co_return revision.error();
  own_revisions_.push_back(*revision);
  driver_lease_ = lease;
  co_return true;
}

runtime::Task<Status> Control::step_rollout() {
  CO_TRY(const bool driver, co_await may_drive());
  CO_TRY_DO(co_await begin_change());
  auto outcome = co_await step_rollout_in_turn(driver);
  end_change();
  co_return outcome;
}

runtime::Task<Status> Control::step_rollout_in_turn(bool driver) {
  if (!state_.rolling_out() || state_.held_back()) co_return Status{};
  const bool running = state_.rollout->phase == RolloutPhase::running;
  if (state_.rollout->steps.empty()) {
    verdict_ = {Kind::go_on, ""};
  } else {
    const RolloutWatch::Moment here{
        .now = shard_.now(), .date = shard_.wall_now(), .shared = following_};
    verdict_ = policy::judge_wave(watch_.look(state_, gateways_.by_id(), here));
  }
  if (verdict_.kind == Kind::go_back) {
    Doing doing{Act::roll_back, {.reason = as_reason(verdict_.why)}, {}};
    auto why = verdict_.why;
    CO_TRY_DO(co_await go_back_in_turn(std::move(why), std::move(doing)));
    co_return Status{};
  }
  if (verdict_.kind == Kind::wait || !running || !driver) co_return Status{};
  auto why = verdict_.why;
  CO_TRY_DO(co_await advance_in_turn(std::move(why)));
  co_return Status{};
}

runtime::Task<Status> Control::advance_in_turn(std::string why) {
  const auto& gateways = gateways_.by_id();
  const auto now = shard_.wall_now();
  const auto zones = wave_zones(state_, gateways, now);
  const auto wave = policy::plan_wave(zones);
  Wish wish;
  wish.rollout = state_.rollout;
  auto& rollout = *wish.rollout;
  if (!rollout.steps.empty()) rollout.steps.back().verdict = std::move(why);
  if (wave.empty()) {
    rollout.phase = RolloutPhase::done;
    rollout.ended = now;
  } else {
    rollout.steps.push_back(step_of(zones, wave, gateways, now));
  }
  for (const auto& name : state_.former) {
    const auto workspace = world::find(*state_.contents, name.first, name.second);
    const auto* widened = workspace ? std::get_if<model::Workspace>(&*workspace) : nullptr;
    if (widened != nullptr) wish.told_again.push_back(*widened);
  }
  Doing doing{wave.empty() ? Act::finish_rollout : Act::advance_rollout, {}, {}};
  CO_TRY_DO(co_await fulfil(std::move(wish), std::move(doing)));
  report_rollout();
  co_return Status{};
}

runtime::Task<Status> Control::go_back_in_turn(std::string why, Doing doing) {
  auto wish = wish_to_go_back(state_, std::move(why), shard_.wall_now());
  CO_TRY_DO(co_await fulfil(std::move(wish), std::move(doing)));
  report_rollout();
  co_return Status{};
}

void Control::report_rollout() {
  const auto& rollout = *state_.rollout;
  const auto& phase = rollout_phase_names[static_cast<std::size_t>(rollout.phase)];
  std::string text = fmt::format("rollout of World {}: {}", rollout.world, phase);
  if (rollout.phase == RolloutPhase::running) {
    text += fmt::format(", {} zones more", rollout.steps.back().zones.size());
  }
  if (!rollout.why.empty()) text += "; " + rollout.why;
  shard_.report(text);
}

runtime::Task<Status> Control::change_rollout(RolloutWish wish, Actor by) {
  CO_TRY_DO(co_await begin_change());
  auto outcome = co_await change_rollout_in_turn(wish, std::move(by));
  end_change();
  co_return outcome;
}

runtime::Task<Status> Control::change_rollout_in_turn(RolloutWish wish, Actor by) {
  if (!state_.rolling_out()) {
    co_return Fault{Code::resource_not_found, Retry::never,
                    "No World is on its way to the gateways; 'portolan rollout status' shows how "
                    "the last one ended."};
  }
  if (wish == RolloutWish::roll_back) {
    auto why = by.reason.empty() ? std::string("An operator took it back.") : by.reason;
    Doing doing{Act::roll_back, std::move(by), {}};
    CO_TRY_DO(co_await go_back_in_turn(std::move(why), std::move(doing)));
    co_return Status{};
  }
  const auto phase = wish == RolloutWish::pause ? RolloutPhase::paused : RolloutPhase::running;
  if (state_.rollout->phase == phase) co_return Status{};
  Wish change;
  change.rollout = state_.rollout;
  change.rollout->phase = phase;
  change.rollout->why = wish == RolloutWish::pause ? by.reason : "";
  Doing doing{
      wish == RolloutWish::pause ? Act::pause_rollout : Act::resume_rollout, std::move(by), {}};
  CO_TRY_DO(co_await fulfil(std::move(change), std::move(doing)));
  co_return Status{};
}

}  // namespace portolan::control
