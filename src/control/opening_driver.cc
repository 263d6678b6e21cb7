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
