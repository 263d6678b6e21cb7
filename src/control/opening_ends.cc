#include <fmt/format.h>

#include <algorithm>

#include "control/opening_closing.h"
#include "control/opening_driver.h"
#include "control/rollout_watch.h"
#include "world/resource_text.h"

// How an opening ends before it serves: closed.
namespace portolan::control {

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

// Where another World is on its way, the place is drained until its rule can go out. The rule goes
// to all gateways at once: it takes permission away and nothing else, and a step of a rollout
// would take those that it refuses for harm.
runtime::Task<Status> OpeningDriver::settle_closing(KeptOpening& kept) {
  auto& record = kept.record;
  const auto opening = opening_of(record);
  const bool is_there = !zones_of(control_.state().contents->network, opening).empty();
  if (is_there) {
    CO_TRY(const bool closed, co_await close_by_rule(kept));
    if (!closed) co_return Status{};
  }
  const auto& place = place_of(record);
  const auto& state = control_.state();
  const bool stays_drained =
      record.phase == OpeningPhase::closed || record.phase == OpeningPhase::drained;
  if (state.restrictions.drained.contains(place) && !stays_drained) {
    if (state.rolling_out() || !all_hold_newest()) co_return Status{};
    CO_TRY_DO(co_await lift(place));
  }
  record.closing = false;
  auto doing = book_.put(kept, "closed by its rule", Actor{});
  CO_TRY_DO(co_await std::move(doing));
  co_return Status{};
}

// Whether its rule is out, or on its way with all that is.
runtime::Task<Result<bool>> OpeningDriver::close_by_rule(KeptOpening& kept) {
  const auto& record = kept.record;
  const auto opening = opening_of(record);
  const auto name = record.name;
  const auto place = place_of(record);
  const auto reason = fmt::format("opening {}: {}", name, record.why);
  const auto& state = control_.state();
  if (is_closed_by_rule(state.contents->network, opening)) co_return true;
  if (state.rolling_out() && state.rollout->world == record.world) {
    // What it is to share more by: that goes back.
    Actor by{.reason = reason};
    CO_TRY_DO(co_await control_.change_rollout(RolloutWish::roll_back, std::move(by)));
  }
  if (is_closed_by_rule(state.contents->network, opening)) co_return true;
  if (state.rolling_out()) {
    CO_TRY_DO(co_await drain(place));
    co_return false;
  }
  ApplyRequest request;
  request.source = "opening " + name;
  request.text = world::render_yaml({closing_rule(opening)});
  request.at_once = true;
  Actor by{.reason = reason, .break_glass = true};
  CO_TRY(const auto applied, co_await control_.apply(std::move(request), std::move(by)));
  if (applied.problems.empty()) co_return true;
  co_return Fault{Code::invalid_resource, Retry::never, applied.problems.front().sentence};
}

// Of the gateways that are heard of now.
bool OpeningDriver::all_hold_newest() const {
  const auto date = shard_.wall_now();
  return std::ranges::all_of(control_.gateways().by_id(), [&](const auto& gateway) {
    const auto& record = gateway.second;
    return !is_near(record, date) || holds_newest(control_.state(), record.said);
  });
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

}  // namespace portolan::control
