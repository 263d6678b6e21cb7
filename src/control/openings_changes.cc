#include <fmt/format.h>

#include <algorithm>

#include "control/openings.h"
#include "world/suggest.h"

namespace portolan::control {
namespace {

Fault not_now(const OpeningRecord& record, std::string_view wish, std::string_view hint) {
  return {Code::resource_conflict, Retry::never,
          fmt::format("Opening '{}' is {}; it cannot be {}.{}", record.name,
                      opening_phase_names[static_cast<std::size_t>(record.phase)], wish, hint)};
}

std::string why_of(const Actor& by) {
  return by.reason.empty() ? std::string("An operator asked for it.") : by.reason;
}

bool is_out(OpeningPhase phase) {
  return phase == OpeningPhase::drained || phase == OpeningPhase::closed;
}

Status check_place(const world::Contents& contents, const std::string& place) {
  std::vector<std::string_view> known;
  for (const auto& region : contents.network.regions) known.push_back(region.name);
  for (const auto& zone : contents.network.zones) known.push_back(zone.name);
  if (std::ranges::find(known, place) != known.end()) return {};
  return Fault{Code::resource_not_found, Retry::never,
               fmt::format("There is no Opening, region or zone '{}'.{}", place,
                           world::did_you_mean(place, known))};
}

}  // namespace

runtime::Task<Result<OpeningRecord>> Openings::stop(std::string name, Actor by) {
  return fulfil(Wish::stop, std::move(name), std::move(by));
}

runtime::Task<Result<OpeningRecord>> Openings::resume(std::string name, Actor by) {
  return fulfil(Wish::resume, std::move(name), std::move(by));
}

runtime::Task<Result<OpeningRecord>> Openings::close(std::string name, Actor by) {
  return fulfil(Wish::close, std::move(name), std::move(by));
}

runtime::Task<Result<OpeningRecord>> Openings::reopen(std::string name, Actor by) {
  return fulfil(Wish::reopen, std::move(name), std::move(by));
}

runtime::Task<Result<OpeningRecord>> Openings::fulfil(Wish wish, std::string name, Actor by) {
  auto& turns = driver_.turns();
  CO_TRY_DO(co_await turns.take());
  auto outcome = co_await fulfil_in_turn(wish, std::move(name), std::move(by));
  turns.end();
  driver_.wake();
  co_return outcome;
}

runtime::Task<Result<OpeningRecord>> Openings::fulfil_in_turn(Wish wish, std::string name,
                                                              Actor by) {
  constexpr int tries_max = 5;  // while another control goes on with it
  for (int tries = 1;; ++tries) {
    CO_TRY(auto kept, co_await find_kept(name));
    const Status changed = co_await change(wish, kept, by);
    if (changed) co_return std::move(kept.record);
    const bool raced =
        changed.error().code == Code::resource_conflict && changed.error().retry == Retry::later;
    if (!raced || tries == tries_max) co_return changed.error();
  }
}

runtime::Task<Status> Openings::change(Wish wish, KeptOpening& kept, Actor by) {
  auto& record = kept.record;
  const auto phase = record.phase;
  const bool ended = phase == OpeningPhase::held || phase == OpeningPhase::stopped;
  std::string done;
  switch (wish) {
    case Wish::stop: {
      if (phase == OpeningPhase::stopped) co_return Status{};
      if (!is_under_way(phase)) co_return not_now(record, "stopped", "");
      auto why = why_of(by);
      CO_TRY_DO(
          co_await driver_.end_at(kept, OpeningPhase::stopped, std::move(why), std::move(by)));
      co_return Status{};
    }
    case Wish::close: {
      if (phase == OpeningPhase::closed) co_return Status{};
      auto place = place_of(record);
      CO_TRY_DO(co_await drain_place(std::move(place), by));
      auto why = why_of(by);
      CO_TRY_DO(co_await driver_.end_at(kept, OpeningPhase::closed, std::move(why), std::move(by)));
      co_return Status{};
    }
    case Wish::resume:
      if (is_under_way(phase)) co_return Status{};
      if (!ended) co_return not_now(record, "resumed", is_out(phase) ? " Reopen it." : "");
      done = "resumed";
      break;
    case Wish::reopen:
      if (!is_out(phase)) co_return not_now(record, "reopened", ended ? " Resume it." : "");
      done = "reopened";
      record.closing = true;
      break;
  }
  if (!driver_.is_stored(record)) {
    co_return not_now(record, done, " Its Opening is stored no more; open its file again.");
  }
  CO_TRY_DO(co_await begin_again(kept, std::move(done), std::move(by)));
  co_return Status{};
}

runtime::Task<Status> Openings::drain_place(std::string place, Actor by) {
  if (control_.state().restrictions.drained.contains(place)) co_return Status{};
  RestrictionWish wish{RestrictionWish::Kind::drain, std::move(place), false};
  const Status drained = co_await control_.restrict(std::move(wish), std::move(by));
  co_return drained;
}

runtime::Task<Result<std::optional<OpeningRecord>>> Openings::drain(std::string name, Actor by) {
  auto& turns = driver_.turns();
  CO_TRY_DO(co_await turns.take());
  auto outcome = co_await drain_in_turn(std::move(name), std::move(by));
  turns.end();
  driver_.wake();
  co_return outcome;
}

// A place that was never opened by an Opening is drained all the same.
runtime::Task<Result<std::optional<OpeningRecord>>> Openings::drain_in_turn(std::string name,
                                                                            Actor by) {
  auto found = co_await find_kept(name);
  if (!found && found.error().code != Code::resource_not_found) co_return found.error();
  auto place = found ? place_of(found->record) : name;
  CO_TRY_DO(check_place(*control_.state().contents, place));
  CO_TRY_DO(co_await drain_place(std::move(place), by));
  if (!found) co_return std::optional<OpeningRecord>();
  auto& record = found->record;
  if (is_out(record.phase)) co_return std::optional(std::move(record));
  record.phase = OpeningPhase::drained;
  record.why = why_of(by);
  std::string done = "drained";
  CO_TRY_DO(co_await book_.put(*found, std::move(done), std::move(by)));
  co_return std::optional(std::move(record));
}

}  // namespace portolan::control
