#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "control/opening_closing.h"
#include "control/opening_driver.h"

namespace portolan::control {
namespace {

constexpr std::array<std::uint32_t, 3> percents = {1, 10, 100};

// What follows; nothing behind the last.
std::optional<std::uint32_t> next_percent(std::uint32_t percent) {
  const auto next = std::ranges::upper_bound(percents, percent);
  if (next == percents.end()) return std::nullopt;
  return *next;
}

policy::ShareCounts counts_of(const ShareRecord& share) {
  return {share.requests, share.errors, share.refusals, 0};
}

GateRecord& neighbours_of(OpeningRecord& record) {
  return record.gates[static_cast<std::size_t>(model::Gate::neighbours)];
}

}  // namespace

runtime::Task<Result<OpeningDriver::Next>> OpeningDriver::step_sharing(KeptOpening& kept) {
  auto& record = kept.record;
  if (record.world == 0) {
    auto brought = co_await bring_share(kept);
    co_return brought;
  }
  const auto& state = control_.state();
  if (state.rolling_out() && state.rollout->world == record.world) {
    watches_.erase(record.name);
    co_return Next::rest;
  }
  auto why = state.rolling_out() ? std::string() : amiss(record);
  if (!why.empty()) {
    auto held = co_await hold(kept, std::move(why));
    co_return held;
  }
  auto judged = co_await judge(kept);
  co_return judged;
}

// Removes the rule for the first share, and sets the share of its zones for each next one. Done
// again by whoever takes over from a control that died in between.
runtime::Task<Result<OpeningDriver::Next>> OpeningDriver::bring_share(KeptOpening& kept) {
  if (control_.state().rolling_out()) co_return Next::rest;
  auto& record = kept.record;
  const auto opening = opening_of(record);
  const auto& network = control_.state().contents->network;
  const auto percent = record.shares.back().percent;
  if (!is_stored(record) || zones_of(network, opening).empty()) {
    auto why = amiss(record);
    auto held = co_await hold(kept, std::move(why));
    co_return held;
  }
  const bool closed = is_closed_by_rule(network, opening);
  if (closed && percent != percents.front()) {
    auto why = amiss(record);
    auto held = co_await hold(kept, std::move(why));
    co_return held;
  }
  auto zones = zones_to_share(network, opening, percent);
  if (!zones.empty()) {
    auto doing = apply(record.name, std::move(zones), Actor{});
    CO_TRY_DO(co_await std::move(doing));
  }
  if (closed && control_.state().rolling_out()) co_return Next::rest;
  if (closed) {
    RemoveRequest request{.name = {world::Kind::rule, closing_name(record.name)}, .version = {}};
    Actor by{.reason = fmt::format("opening {}: all gates are green", record.name),
             .break_glass = true};
    CO_TRY(const auto removed, co_await control_.remove(std::move(request), std::move(by)));
    if (!removed.problems.empty()) {
      co_return Fault{Code::invalid_resource, Retry::never, removed.problems.front().sentence};
    }
  }
  record.world = control_.state().numbers.world;
  CO_TRY_DO(co_await book_.save(kept));
  co_return Next::again;
}

runtime::Task<Result<OpeningDriver::Next>> OpeningDriver::judge(KeptOpening& kept) {
  auto& record = kept.record;
  auto& share = record.shares.back();
  auto& watch = watches_[record.name];
  if (!watch.began(share.percent)) watch.begin(share.percent, counts_of(share), shard_.now());
  const ShareWatch::Moment here{.now = shard_.now(),
                                .date = shard_.wall_now(),
                                .shared = control_.shares_store(),
                                .told = control_.hears_others()};
  const auto evidence =
      watch.look(*control_.state().contents, opening_of(record), control_.gateways(), here);
  const bool seen_more = evidence.here.requests != share.requests;
  share.requests = evidence.here.requests;
  share.errors = evidence.here.errors;
  share.refusals = evidence.here.refusals;
  auto verdict = policy::judge_share(evidence);
  if (verdict.kind == policy::ShareVerdict::Kind::hold) {
    share.verdict = verdict.why;
    share.ended = shard_.wall_now();
    auto held = co_await hold(kept, std::move(verdict.why));
    co_return held;
  }
  if (share.ended) {
    auto next = co_await step_between(kept);
    co_return next;
  }
  if (verdict.kind == policy::ShareVerdict::Kind::go_on) {
    auto ended = co_await end_share(kept, std::move(verdict.why));
    co_return ended;
  }
  const bool waits_for_more = share.verdict != verdict.why;
  share.verdict = std::move(verdict.why);
  if (seen_more || waits_for_more) {
    CO_TRY_DO(co_await book_.save(kept));
  }
  co_return Next::rest;
}

runtime::Task<Result<OpeningDriver::Next>> OpeningDriver::end_share(KeptOpening& kept,
                                                                    std::string verdict) {
  auto& record = kept.record;
  auto& share = record.shares.back();
  share.verdict = std::move(verdict);
  share.ended = shard_.wall_now();
  const auto percent = share.percent;
  if (!next_percent(percent)) {
    auto serving = co_await serve_all(kept);
    co_return serving;
  }
  auto& neighbours = neighbours_of(record);
  if (neighbours.state != GateState::skipped) {
    neighbours = {.gate = model::Gate::neighbours, .reason = {}, .verdict = {}};
  }
  Actor by{.reason = share.verdict};
  auto done = fmt::format("{} % went well", percent);
  CO_TRY_DO(co_await book_.put(kept, std::move(done), std::move(by)));
  co_return Next::again;
}

// The neighbours have to be able to carry more than they did: they are asked again.
runtime::Task<Result<OpeningDriver::Next>> OpeningDriver::step_between(KeptOpening& kept) {
  auto& record = kept.record;
  auto& gate = neighbours_of(record);
  if (gate.state != GateState::green && gate.state != GateState::skipped) {
    auto next = co_await ask_next(kept, gate);
    co_return next;
  }
  const auto percent = next_percent(record.shares.back().percent);
  check(percent.has_value(), "behind the last share it serves");
  auto begun = co_await begin_share(kept, *percent);
  co_return begun;
}

runtime::Task<Result<OpeningDriver::Next>> OpeningDriver::serve_all(KeptOpening& kept) {
  auto& record = kept.record;
  record.phase = OpeningPhase::serving;
  record.why.clear();
  watches_.erase(record.name);
  Actor by{.reason = record.shares.back().verdict};
  std::string done = "serving";
  CO_TRY_DO(co_await book_.put(kept, std::move(done), std::move(by)));
  shard_.report(fmt::format("opening {}: serving", record.name));
  CO_TRY_DO(co_await look_.end(record.name));
  co_return Next::rest;
}

}  // namespace portolan::control
