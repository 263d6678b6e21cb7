#include <fmt/format.h>

#include <algorithm>

#include "control/opening_closing.h"
#include "control/opening_driver.h"

namespace portolan::control {
namespace {

bool is_passed(const GateRecord& gate) {
  return gate.state == GateState::green || gate.state == GateState::skipped;
}

// What it shows of itself: whoever is told again and again learns nothing.
bool says_the_same(const GateRecord& gate, const GateRecord& before) {
  return gate.verdict.findings == before.verdict.findings;
}

}  // namespace

// The World with the place is on its way. With it with every gateway, what probes need goes out.
runtime::Task<Result<OpeningDriver::Next>> OpeningDriver::step_applying(KeptOpening& kept) {
  if (control_.state().rolling_out()) co_return Next::rest;
  auto& record = kept.record;
  auto why = amiss(record);
  if (!why.empty()) {
    auto held = co_await hold(kept, std::move(why));
    co_return held;
  }
  CO_TRY_DO(co_await look_.end(record.name));
  const auto opening = opening_of(record);
  const auto& network = control_.state().contents->network;
  auto missing = zones_to_share(network, opening, 1);
  world::Resource scope = probing_scope(network, opening);
  const auto stored =
      world::find(*control_.state().contents, world::Kind::scope, world::name_of(scope));
  if (stored != scope) missing.push_back(std::move(scope));
  if (!missing.empty()) {
    auto doing = apply(record.name, std::move(missing), Actor{});
    CO_TRY_DO(co_await std::move(doing));
    co_return Next::again;
  }
  std::vector<world::Resource> customers = {probing_org()};
  for (auto& workspace : probing_workspaces(opening)) customers.emplace_back(std::move(workspace));
  auto probing = apply(record.name, std::move(customers), Actor{});
  CO_TRY_DO(co_await std::move(probing));
  record.phase = OpeningPhase::gates;
  record.world = 0;
  auto doing = book_.put(kept, "gates", Actor{});
  CO_TRY_DO(co_await std::move(doing));
  co_return Next::again;
}

runtime::Task<Result<OpeningDriver::Next>> OpeningDriver::step_gates(KeptOpening& kept) {
  if (control_.state().rolling_out()) co_return Next::rest;
  auto why = amiss(kept.record);
  if (!why.empty()) {
    auto held = co_await hold(kept, std::move(why));
    co_return held;
  }
  const auto gate =
      std::ranges::find_if(kept.record.gates, [](const auto& each) { return !is_passed(each); });
  if (gate != kept.record.gates.end()) {
    auto next = co_await ask_next(kept, *gate);
    co_return next;
  }
  const auto opening = opening_of(kept.record);
  auto shares = zones_to_share(control_.state().contents->network, opening, 1);
  if (!shares.empty()) {
    auto doing = apply(kept.record.name, std::move(shares), Actor{});
    CO_TRY_DO(co_await std::move(doing));
    co_return Next::again;
  }
  auto begun = co_await begin_share(kept, 1);
  co_return begun;
}

// A gate that was being asked by a control that died is asked again.
runtime::Task<Result<OpeningDriver::Next>> OpeningDriver::ask_next(KeptOpening& kept,
                                                                   GateRecord& gate) {
  const WallTime now = shard_.wall_now();
  const bool red = gate.state == GateState::red;
  if (red && gate.asked && now - *gate.asked < opening_retry_ms.milliseconds()) {
    co_return Next::rest;
  }
  if (red) facts_.erase(kept.record.name);
  gate.state = GateState::asking;
  gate.asked = now;
  if (!gate.since) gate.since = now;
  ++gate.tries;
  CO_TRY_DO(co_await book_.save(kept));
  co_return Next::ask;
}

// Outside of a turn, because a gate may take minutes: what is found counts where nobody has
// changed the opening meanwhile.
runtime::Task<Status> OpeningDriver::ask(std::string name) {
  CO_TRY(auto found, co_await book_.find(name));
  if (!found) co_return Status{};
  const auto& gates = found->record.gates;
  const auto gate = std::ranges::find(gates, GateState::asking, &GateRecord::state);
  if (gate == gates.end()) co_return Status{};
  GateRecord asked = *gate;
  const auto revision = found->revision;
  const auto opening = opening_of(found->record);
  auto known = facts_.find(name);
  const auto world = control_.state().numbers.world;
  if (known == facts_.end() || known->second.numbers.world != world) {
    auto begun = look_.begin(opening);
    if (begun) known = facts_.insert_or_assign(name, std::move(*begun)).first;
    if (!begun) asked.verdict = {{{place_of(found->record), begun.error().message}}, {}};
    if (!begun) known = facts_.end();
  }
  if (known != facts_.end()) {
    OpeningFacts facts = std::move(known->second);
    facts_.erase(known);
    CO_TRY_DO(co_await look_.add(facts, asked.gate));
    asked.verdict = control::judge(asked.gate, facts);
    // Keys and drains of our own doing have made a new Keyring and new Restrictions.
    const auto& numbers = control_.state().numbers;
    if (numbers.world == world) facts.numbers = numbers;
    facts_.insert_or_assign(name, std::move(facts));
  }
  auto concluded = conclude(std::move(name), revision, std::move(asked));
  const Status outcome = co_await std::move(concluded);
  co_return outcome;
}

runtime::Task<Status> OpeningDriver::conclude(std::string name, std::uint64_t revision,
                                              GateRecord asked) {
  CO_TRY_DO(co_await turns_.take());
  auto found = co_await book_.find(name);
  const bool same = found && *found && (*found)->revision == revision;
  Status outcome;
  if (same) {
    outcome = co_await conclude_in_turn(**found, std::move(asked));
  } else if (found) {
    // It was stopped, or goes on elsewhere.
    facts_.erase(name);
    const bool ended = !*found || !is_under_way((*found)->record.phase);
    if (ended) outcome = co_await look_.end(std::move(name));
  } else {
    outcome = found.error();
  }
  turns_.end();
  co_return outcome;
}

runtime::Task<Status> OpeningDriver::conclude_in_turn(KeptOpening& kept, GateRecord asked) {
  const bool green = asked.verdict.findings.empty();
  asked.state = green ? GateState::green : GateState::red;
  if (green) asked.since.reset();
  const auto name = model::name_of(asked.gate);
  auto& gate = kept.record.gates[static_cast<std::size_t>(asked.gate)];
  const bool told = !green && asked.tries > 1 && says_the_same(asked, gate);
  const bool over =
      !green && asked.since && shard_.wall_now() - *asked.since >= opening_gate_ms.milliseconds();
  gate = std::move(asked);
  if (over) {
    const auto& first = gate.verdict.findings.front();
    auto why = fmt::format("Gate {} is red: {}: {}", name, first.subject, first.sentence);
    Actor by{};
    const Status held = co_await end_at(kept, OpeningPhase::held, std::move(why), std::move(by));
    co_return held;
  }
  if (told) {
    const Status saved = co_await book_.save(kept);
    co_return saved;
  }
  Actor by{};
  if (!green)
    by.reason =
        gate.verdict.findings.front().subject + ": " + gate.verdict.findings.front().sentence;
  auto done = fmt::format("gate {} {}", name, green ? "green" : "red");
  const Status put = co_await book_.put(kept, std::move(done), std::move(by));
  co_return put;
}

// Says what is to be; bring_share makes it so.
runtime::Task<Result<OpeningDriver::Next>> OpeningDriver::begin_share(KeptOpening& kept,
                                                                      std::uint32_t percent) {
  auto& record = kept.record;
  record.phase = OpeningPhase::sharing;
  record.world = 0;
  record.shares.push_back({.percent = percent, .began = shard_.wall_now()});
  facts_.erase(record.name);
  watches_.erase(record.name);
  auto doing = book_.put(kept, fmt::format("sharing {} %", percent), Actor{});
  CO_TRY_DO(co_await std::move(doing));
  co_return Next::again;
}

}  // namespace portolan::control
