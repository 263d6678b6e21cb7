#include "control/opening_look.h"

#include <set>
#include <utility>

#include "control/opening_place.h"
#include "runtime/offload.h"

namespace portolan::control {

Result<OpeningFacts> OpeningLook::begin(const model::Opening& opening) const {
  const auto& state = control_.state();
  OpeningFacts facts;
  facts.opening = opening;
  facts.network = state.numbers.network;
  facts.now = shard_.wall_now();
  facts.contents = state.contents;
  facts.numbers = state.numbers;
  facts.restrictions = state.restrictions;
  TRY(auto place, place_of(*state.contents, opening));
  TRY(facts.neighbours, neighbours_of(*state.contents, opening, place));
  facts.region = std::move(place.region);
  facts.zones = std::move(place.zones);
  return facts;
}

// A gateway is of the zone that the resources have it in, and of the one that it says.
runtime::Task<Status> OpeningLook::hear(OpeningFacts& facts) {
  std::set<std::string> zones(facts.zones.begin(), facts.zones.end());
  zones.insert(facts.neighbours.begin(), facts.neighbours.end());
  std::set<std::string> gateways;
  for (const auto& zone : facts.contents->network.zones) {
    if (!zones.contains(zone.name)) continue;
    for (const auto& gateway : zone.gateways) gateways.insert(gateway.id);
  }
  const WallTime now = shard_.wall_now();
  facts.heard.clear();
  for (const auto& [gateway, record] : control_.gateways().by_id()) {
    if (!gateways.contains(gateway) && !zones.contains(record.said.zone)) continue;
    facts.heard.push_back({.gateway = gateway,
                           .zone = record.said.zone,
                           .silent = record.connected() ? Duration() : now - record.seen,
                           .said = record.said});
  }
  co_return Status{};
}

runtime::Task<Status> OpeningLook::measure_parity(OpeningFacts& facts) {
  if (facts.parity || !facts.parity_why.empty()) co_return Status{};
  ParityFilter filter;
  filter.regions = {facts.region};
  auto work = [snapshot = parity_snapshot(control_.state(), control_.gateways(), shard_.wall_now()),
               filter = std::move(filter)] { return report_parity(snapshot, filter); };
  auto offloaded = runtime::offload(shard_, std::move(work));
  auto report = co_await offloaded;
  if (report) {
    facts.parity = std::move(*report);
  } else {
    facts.parity_why = report.error().message;
  }
  co_return Status{};
}

runtime::Task<Status> OpeningLook::facts_for(OpeningFacts& facts, model::Gate gate) {
  switch (gate) {
    case model::Gate::reach:
    case model::Gate::clocks:
    case model::Gate::certificates:
    case model::Gate::engines:
      return look_around(facts);
    case model::Gate::catalogue:
      return measure_parity(facts);
    case model::Gate::keys:
    case model::Gate::neighbours:
      return hear(facts);
    case model::Gate::probes:
      return probe(facts);
    case model::Gate::refusals:
      return probe_refusals(facts);
    case model::Gate::loss:
      return drill(facts);
  }
  std::unreachable();
}

runtime::Task<Status> OpeningLook::add(OpeningFacts& facts, model::Gate gate) {
  auto adding = facts_for(facts, gate);
  auto added = co_await std::move(adding);
  co_return added;
}

}  // namespace portolan::control
