#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "control/drill_mark.h"
#include "control/opening_closing.h"
#include "control/opening_limits.h"
#include "control/opening_look.h"
#include "control/opening_place.h"
#include "runtime/combine.h"
#include "runtime/wait.h"

// What of the place is left when one zone of it is drained.
namespace portolan::control {
namespace {

constexpr Duration lift_pause = Duration::seconds(1);

// Whether it takes no new requests already, or may not be used at all.
bool is_restricted(const State& state, const std::string& zone) {
  const auto has = [&](const std::string& place) {
    return state.restrictions.drained.contains(place) || state.restrictions.denied.contains(place);
  };
  const auto& zones = state.contents->network.zones;
  const auto found = std::ranges::find(zones, zone, &model::Zone::name);
  return has(zone) || (found != zones.end() && has(found->region));
}

// Faults of a drain that surely drained nothing.
bool drained_nothing(const Fault& fault) {
  return fault.code == Code::resource_conflict || fault.code == Code::change_guarded ||
         fault.code == Code::invalid_parameter;
}

// Of a lift: somebody else wants the zone drained by now.
bool is_meant(const Fault& fault) {
  return fault.code == Code::resource_conflict && fault.retry == Retry::never;
}

}  // namespace

runtime::Task<Status> OpeningLook::mark(std::string zone, std::string opening) {
  store::Transaction transaction;
  transaction.puts.push_back({.key = drill_key(zone), .value = std::move(opening), .lease = 0});
  CO_TRY_DO(co_await parts_.store.commit(std::move(transaction)));
  co_return Status{};
}

runtime::Task<Status> OpeningLook::unmark(std::string zone) {
  store::Transaction transaction;
  transaction.deletes.push_back(drill_key(zone));
  CO_TRY_DO(co_await parts_.store.commit(std::move(transaction)));
  co_return Status{};
}

// To its end also where the caller is cancelled, so that it is known whether it is drained. From a
// zone that is closed by its rule nothing is taken, so there the guard's objections are about
// nobody; the audit log has them.
runtime::Task<Status> OpeningLook::drain(std::string zone, OpeningFacts& facts) {
  RestrictionWish wish{.place = std::move(zone), .only_new = true};
  Actor by = actor_of(facts.opening.name);
  by.break_glass = is_closed_by_rule(control_.state().contents->network, facts.opening);
  auto draining = control_.restrict(std::move(wish), std::move(by));
  const Instant deadline = shard_.now() + opening_lift_ms_max.milliseconds();
  auto bounded = runtime::until(shard_, deadline, std::move(draining));
  auto drained = co_await runtime::uncancelled(std::move(bounded));
  co_return drained;
}

// Errors: is_meant() ones; those of the store.
runtime::Task<Status> OpeningLook::lift_once(std::string zone, std::string opening) {
  store::RangeRequest request;
  request.prefix = drill_key(zone);
  CO_TRY(const auto marks, co_await parts_.store.range(std::move(request)));
  const auto marked = std::ranges::find(marks.items, drill_key(zone), &store::KeyValue::key);
  if (marked == marks.items.end()) {
    co_return Fault{Code::resource_conflict, Retry::never,
                    "An operator has drained it meanwhile, and so it stays."};
  }
  RestrictionWish wish{.place = zone, .lift = true};
  Actor by = actor_of(opening);
  const Status lifted = co_await control_.restrict(std::move(wish), std::move(by));
  // An operator was faster, or it was never drained.
  if (!lifted && lifted.error().code != Code::resource_not_found) co_return lifted;
  auto unmarked = co_await unmark(zone);
  co_return unmarked;
}

runtime::Task<Status> OpeningLook::lift_now(std::string zone, std::string opening) {
  for (;;) {
    Status lifted = co_await lift_once(zone, opening);
    if (lifted || is_meant(lifted.error())) co_return lifted;
    const Status slept = co_await runtime::sleep_for(shard_, lift_pause);
    if (!slept) co_return lifted;
  }
}

// To its end also where the caller is cancelled.
runtime::Task<Status> OpeningLook::lift(std::string zone, std::string opening) {
  const Instant deadline = shard_.now() + opening_lift_ms_max.milliseconds();
  auto lifting = lift_now(std::move(zone), std::move(opening));
  auto bounded = runtime::until(shard_, deadline, std::move(lifting));
  auto lifted = co_await runtime::uncancelled(std::move(bounded));
  co_return lifted;
}

runtime::Task<Status> OpeningLook::lift_left(std::string opening) {
  store::RangeRequest request;
  request.prefix = std::string(drill_prefix);
  CO_TRY(const auto marks, co_await parts_.store.range(std::move(request)));
  for (const auto& mark : marks.items) {
    if (mark.value != opening) continue;
    std::string zone = mark.key.substr(drill_prefix.size());
    std::string by = opening;
    const Status lifted = co_await lift(std::move(zone), std::move(by));
    if (!lifted && !is_meant(lifted.error())) co_return lifted;
  }
  co_return Status{};
}

// While the zone is drained.
runtime::Task<Status> OpeningLook::probe_without(OpeningFacts& facts,
                                                 std::vector<FrontDoorQuestion>& asked,
                                                 LossDrill& drill) {
  Told told{.zones = facts.zones, .restrictions = control_.state().numbers.restrictions};
  for (const auto& question : asked) told.zones.push_back(question.zone);
  CO_TRY(const auto gateways, co_await await_told(std::move(told)));
  if (!gateways.empty()) {
    drill.why = fmt::format("Gateways {} did not hear of its drain within {} ms.",
                            fmt::join(gateways, ", "), opening_told_ms_max.value);
    co_return Status{};
  }
  auto status = co_await ask_doors(asked, drill.probes);
  for (auto& probe : drill.probes) probe.record_why = "The ledger is not asked during a drill.";
  co_return status;
}

runtime::Task<Result<LossDrill>> OpeningLook::drill_zone(OpeningFacts& facts, std::string zone,
                                                         std::string key) {
  LossDrill drill{.zone = zone};
  CO_TRY(auto left, zones_of_scope(*facts.contents, closing_name(facts.opening.name)));
  std::erase(left, zone);
  auto asked = plan_drill(facts, left);
  for (auto& question : asked) question.key = key;
  if (asked.empty()) drill.why = "No other zone of the region has a front door.";
  if (is_restricted(control_.state(), zone)) {
    drill.why = "An operator has drained or denied it, and that is not touched.";
  }
  if (!drill.why.empty()) co_return drill;
  const std::string opening = facts.opening.name;
  CO_TRY_DO(co_await mark(zone, opening));
  const Status drained = co_await drain(zone, facts);
  if (!drained && drained_nothing(drained.error())) {
    drill.why = drained.error().message;
    CO_TRY_DO(co_await unmark(zone));
    co_return drill;
  }
  Status probed = drained;
  if (drained) probed = co_await probe_without(facts, asked, drill);
  const Status lifted = co_await lift(zone, opening);
  if (!lifted) drill.lifted_why = lifted.error().message;
  if (!probed) co_return probed.error();
  // The next drill begins with all zones there.
  Told told{.zones = facts.zones, .restrictions = control_.state().numbers.restrictions};
  CO_TRY_DO(co_await await_told(std::move(told)));
  co_return drill;
}

runtime::Task<Status> OpeningLook::drill(OpeningFacts& facts) {
  if (!facts.drills.empty()) co_return Status{};
  std::string workspace = closing_name(facts.opening.name);
  std::string opening = facts.opening.name;
  const auto key = co_await key_of(std::move(workspace), std::move(opening));
  if (!key && ends_look(key.error())) co_return key.error();
  if (key) {
    Told told{.zones = facts.zones, .keyring = key->keyring};
    CO_TRY_DO(co_await await_told(std::move(told)));
  }
  std::vector<LossDrill> drills;
  for (const auto& zone : facts.zones) {
    Result<LossDrill> drilled = Fault{Code::cancelled, Retry::never, {}};
    if (key) {
      drilled = co_await drill_zone(facts, zone, key->text);
    } else {
      drilled = key.error();
    }
    if (!drilled && ends_look(drilled.error())) co_return drilled.error();
    if (drilled) drills.push_back(std::move(*drilled));
    if (!drilled) drills.push_back({.zone = zone, .why = drilled.error().message});
  }
  facts.drills = std::move(drills);
  co_return Status{};
}

}  // namespace portolan::control
