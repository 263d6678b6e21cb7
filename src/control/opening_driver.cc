#include "control/opening_driver.h"

#include <fmt/format.h>

#include <algorithm>

#include "control/opening_closing.h"
#include "runtime/combine.h"
#include "runtime/wait.h"
#include "world/resource_text.h"

namespace portolan::control {
namespace {

constexpr Duration look_every = Duration::seconds(1);
constexpr Duration look_idle = Duration::seconds(5);  // where another control may begin one
constexpr int steps_max = 64;                         // of one opening before the next one's turn

bool is_busy(const OpeningRecord& record) { return is_under_way(record.phase) || record.closing; }

}  // namespace

const std::string& place_of(const OpeningRecord& record) {
  return record.zone.empty() ? record.region : record.zone;
}

model::Opening OpeningDriver::opening_of(const OpeningRecord& record) const {
  const auto& openings = control_.state().contents->openings;
  const auto found = std::ranges::find(openings, record.name, &model::Opening::name);
  if (found != openings.end()) return *found;
  model::Opening opening;
  opening.name = record.name;
  opening.zone = record.zone;
  if (record.zone.empty()) opening.region = record.region;
  return opening;
}

bool OpeningDriver::is_stored(const OpeningRecord& record) const {
  const auto& openings = control_.state().contents->openings;
  return std::ranges::find(openings, record.name, &model::Opening::name) != openings.end();
}

runtime::Task<void> OpeningDriver::run() {
  auto driving = drive();
  auto keeping = lease_.keep();
  (void)co_await runtime::race(std::move(driving), std::move(keeping));
}

runtime::Task<bool> OpeningDriver::drive() {
  for (;;) {
    const auto busy = co_await look_at_all();
    if (!busy && busy.error().code == Code::cancelled) co_return false;
    if (!busy) shard_.report("openings cannot go on: " + busy.error().message);
    const Duration pause = busy && !*busy ? look_idle : look_every;
    const Status waited = co_await wait_until(shard_.now() + pause);
    if (!waited) co_return false;
  }
}

runtime::Task<Status> OpeningDriver::wait_told() {
  const Status told = co_await told_.wait();
  co_return told;
}

runtime::Task<Status> OpeningDriver::wait_until(Instant when) {
  auto waiting = wait_told();
  const Status told = co_await runtime::until(shard_, when, std::move(waiting));
  if (!told && shard_.now() < when) co_return told.error();
  co_return Status{};
}

// Whether any is under way. What one cannot do does not keep the others.
runtime::Task<Result<bool>> OpeningDriver::look_at_all() {
  if (control_.state().held_back() || control_.draining()) co_return false;
  CO_TRY(const auto all, co_await book_.read());
  const bool busy =
      std::ranges::any_of(all, [](const KeptOpening& kept) { return is_busy(kept.record); });
  control_.hasten_polls(busy);
  if (all.empty()) co_return false;
  if (control_.shares_store()) {
    CO_TRY(const bool mine, co_await lease_.hold());
    if (!mine) co_return busy;
  }
  for (const auto& kept : all) {
    if (!is_busy(kept.record) && !is_left_open(kept.record)) continue;
    const Status gone_on = co_await go_on(kept.record.name);
    if (gone_on) continue;
    if (gone_on.error().code == Code::cancelled) co_return gone_on.error();
    shard_.report(
        fmt::format("the opening {} cannot go on: {}", kept.record.name, gone_on.error().message));
  }
  co_return busy;
}

// As many steps as can be done now.
runtime::Task<Status> OpeningDriver::go_on(std::string name) {
  for (int steps = 0; steps < steps_max; ++steps) {
    CO_TRY(const auto next, co_await step(name));
    if (next == Next::rest) co_return Status{};
    if (next == Next::again) continue;
    CO_TRY_DO(co_await ask(name));
  }
  co_return Status{};
}

runtime::Task<Result<OpeningDriver::Next>> OpeningDriver::step(std::string name) {
  CO_TRY_DO(co_await turns_.take());
  auto found = co_await book_.find(std::move(name));
  if (!found || !*found) {
    turns_.end();
    if (!found) co_return found.error();
    co_return Next::rest;
  }
  auto stepped = co_await step_in_turn(**found);
  turns_.end();
  co_return stepped;
}

runtime::Task<Result<OpeningDriver::Next>> OpeningDriver::step_in_turn(KeptOpening& kept) {
  if (kept.record.closing) {
    CO_TRY_DO(co_await settle_closing(kept));
    if (kept.record.closing) co_return Next::rest;
  }
  Result<Next> next = Next::rest;
  switch (kept.record.phase) {
    case OpeningPhase::applying:
      next = co_await step_applying(kept);
      break;
    case OpeningPhase::gates:
      next = co_await step_gates(kept);
      break;
    case OpeningPhase::sharing:
      next = co_await step_sharing(kept);
      break;
    case OpeningPhase::held:
    case OpeningPhase::stopped:
    case OpeningPhase::closed:
      next = co_await step_closed(kept);
      break;
    case OpeningPhase::serving:
    case OpeningPhase::drained:
      break;
  }
  co_return next;
}

// Whoever removes the rule of a place that is not to serve removes its Opening first.
bool OpeningDriver::is_left_open(const OpeningRecord& record) const {
  const auto opening = opening_of(record);
  const auto& network = control_.state().contents->network;
  return is_closed(record.phase) && is_stored(record) && !zones_of(network, opening).empty() &&
         !is_closed_by_rule(network, opening);
}

runtime::Task<Result<OpeningDriver::Next>> OpeningDriver::step_closed(KeptOpening& kept) {
  if (!is_left_open(kept.record)) co_return Next::rest;
  kept.record.closing = true;
  auto doing = book_.put(kept, "closed again, its rule was gone", Actor{});
  CO_TRY_DO(co_await std::move(doing));
  co_return Next::again;
}

runtime::Task<Status> OpeningDriver::apply(std::string name, std::vector<world::Resource> resources,
                                           Actor by) {
  ApplyRequest request;
  request.source = "opening " + name;
  request.text = world::render_yaml(resources);
  if (by.reason.empty()) by.reason = "opening " + name;
  CO_TRY(const auto applied, co_await control_.apply(std::move(request), std::move(by)));
  if (applied.problems.empty()) co_return Status{};
  co_return Fault{Code::invalid_resource, Retry::never, applied.problems.front().sentence};
}

runtime::Task<Status> OpeningDriver::drain(std::string place) {
  RestrictionWish wish{RestrictionWish::Kind::drain, place, false};
  Actor by{.reason = "closing " + place, .break_glass = true};
  const Status drained = co_await control_.restrict(std::move(wish), std::move(by));
  co_return drained;
}

runtime::Task<Status> OpeningDriver::lift(std::string place) {
  if (!control_.state().restrictions.drained.contains(place)) co_return Status{};
  RestrictionWish wish{RestrictionWish::Kind::drain, place, true};
  Actor by{.reason = place + " is closed by its rule", .break_glass = true};
  const Status lifted = co_await control_.restrict(std::move(wish), std::move(by));
  co_return lifted;
}

runtime::Task<Status> OpeningDriver::end_at(KeptOpening& kept, OpeningPhase phase, std::string why,
                                            Actor by) {
  auto& record = kept.record;
  const auto opening = opening_of(record);
  const auto& network = control_.state().contents->network;
  const bool is_there = !zones_of(network, opening).empty();
  const bool shared = !is_closed(record.phase);
  for (auto& gate : record.gates) {
    if (gate.state == GateState::asking) gate.state = GateState::waiting;
  }
  record.phase = phase;
  record.why = std::move(why);
  if (is_there && (shared || !is_closed_by_rule(network, opening))) record.closing = true;
  facts_.erase(record.name);
  watches_.erase(record.name);
  std::string done(opening_phase_names[static_cast<std::size_t>(phase)]);
  CO_TRY_DO(co_await book_.put(kept, std::move(done), std::move(by)));
  shard_.report(fmt::format("opening {}: {}; {}", record.name,
                            opening_phase_names[static_cast<std::size_t>(phase)], record.why));
  if (record.closing) {
    CO_TRY_DO(co_await settle_closing(kept));
  }
  CO_TRY_DO(co_await look_.end(record.name));
  co_return Status{};
}

runtime::Task<Status> OpeningDriver::settle_closing(KeptOpening& kept) {
  auto& record = kept.record;
  const auto opening = opening_of(record);
  const auto& place = place_of(record);
  const auto is_ruled = [&] {
    return is_closed_by_rule(control_.state().contents->network, opening);
  };
  const bool is_there = !zones_of(control_.state().contents->network, opening).empty();
  if (is_there && (!is_ruled() || control_.state().rolling_out())) {
    CO_TRY_DO(co_await drain(place));
  }
  const auto& state = control_.state();
  if (is_there && !is_ruled()) {
    // What it is to share more by is on its way: that goes back.
    if (state.rolling_out() && state.rollout->world == record.world) {
      Actor by{.reason = "opening " + record.name + ": " + record.why};
      CO_TRY_DO(co_await control_.change_rollout(RolloutWish::roll_back, std::move(by)));
    }
    if (!is_ruled() && control_.state().rolling_out()) co_return Status{};
    if (!is_ruled()) {
      std::vector<world::Resource> rule = {closing_rule(opening)};
      Actor by{.reason = "opening " + record.name + ": " + record.why, .break_glass = true};
      CO_TRY_DO(co_await apply(record.name, std::move(rule), std::move(by)));
    }
  }
  if (control_.state().rolling_out()) co_return Status{};
  const bool stays_drained =
      record.phase == OpeningPhase::closed || record.phase == OpeningPhase::drained;
  if (!stays_drained) {
    CO_TRY_DO(co_await lift(place));
  }
  record.closing = false;
  auto doing = book_.put(kept, "closed by its rule", Actor{});
  CO_TRY_DO(co_await std::move(doing));
  co_return Status{};
}

std::string OpeningDriver::went_back(const OpeningRecord& record) const {
  const auto& rollout = control_.state().rollout;
  if (!rollout || rollout->phase != RolloutPhase::gone_back || record.world == 0) return {};
  if (rollout->world != record.world) return {};
  return fmt::format("World {} went back: {}", rollout->world, rollout->why);
}

// Of an opening that goes on: its place is there, closed by its rule or not, as its phase says.
std::string OpeningDriver::amiss(const OpeningRecord& record) const {
  const auto opening = opening_of(record);
  const auto& network = control_.state().contents->network;
  const bool closed = is_closed_by_rule(network, opening);
  const bool wants_closed = is_closed(record.phase);
  const auto zones = zones_of(network, opening);
  auto back = went_back(record);
  const auto wrong_share = [&](const model::Zone& zone) {
    return !record.shares.empty() && zone.share != record.shares.back().percent;
  };
  const auto wrong = std::ranges::find_if(zones, wrong_share);
  const bool shares_wrong = !wants_closed && wrong != zones.end();
  const bool fine = is_stored(record) && !zones.empty() && closed == wants_closed && !shares_wrong;
  if (fine) return {};
  if (!back.empty()) return back;
  if (!is_stored(record)) return fmt::format("The Opening '{}' was removed.", record.name);
  if (zones.empty()) return fmt::format("'{}' is not in the World any more.", place_of(record));
  if (closed != wants_closed) {
    return fmt::format("The Rule '{}' was {} by somebody else.", closing_name(record.name),
                       closed ? "put back" : "removed");
  }
  return fmt::format("The share of zone '{}' was set to {} by somebody else; it was {}.",
                     wrong->name, wrong->share, record.shares.back().percent);
}

runtime::Task<Result<OpeningDriver::Next>> OpeningDriver::hold(KeptOpening& kept, std::string why) {
  Actor by{};
  CO_TRY_DO(co_await end_at(kept, OpeningPhase::held, std::move(why), std::move(by)));
  co_return Next::rest;
}

}  // namespace portolan::control
