#include "control/rollout_watch.h"

#include <algorithm>
#include <set>

#include "control/opening_closing.h"

namespace portolan::control {
namespace {

using policy::WaveCounts;
using policy::WaveEvidence;
using policy::WaveGateway;
using policy::WaveZone;

const model::Region* find_region(const model::Network& network, const std::string& name) {
  const auto found = std::ranges::find(network.regions, name, &model::Region::name);
  return found == network.regions.end() ? nullptr : &*found;
}

std::string failure_group(const model::Region& region) {
  const auto label = region.labels.find("failure-group");
  return label == region.labels.end() ? region.country : label->second;
}

WaveZone wave_zone(const model::Network& network, const model::Zone& zone) {
  WaveZone wave{.name = zone.name, .region = zone.region, .failure_group = {}};
  const auto* region = find_region(network, zone.region);
  wave.failure_group = region != nullptr ? failure_group(*region) : zone.region;
  return wave;
}

template <class T>
std::map<std::string_view, const T*> by_name(const std::vector<T>& resources) {
  std::map<std::string_view, const T*> found;
  for (const T& resource : resources) found[resource.name] = &resource;
  return found;
}

// Zones where something stands otherwise in one network than in the other.
std::set<std::string> touched_zones(const model::Network& before, const model::Network& after) {
  std::set<std::string> touched;
  const auto compare = [&touched](const auto& these, const auto& others, auto zone_of) {
    const auto known = by_name(others);
    for (const auto& each : these) {
      const auto found = known.find(each.name);
      if (found == known.end() || *found->second != each) touched.insert(zone_of(each));
    }
  };
  const auto of_zone = [](const model::Zone& zone) { return zone.name; };
  const auto of_deployment = [](const model::Deployment& deployment) { return deployment.zone; };
  compare(before.zones, after.zones, of_zone);
  compare(after.zones, before.zones, of_zone);
  compare(before.deployments, after.deployments, of_deployment);
  compare(after.deployments, before.deployments, of_deployment);
  return touched;
}

void add_counts(const HeardGateways& gateways, WallTime date, std::vector<WaveZone>& zones) {
  for (const auto& [id, record] : gateways) {
    const auto zone = std::ranges::find(zones, record.said.zone, &WaveZone::name);
    if (zone == zones.end()) continue;
    zone->connected = zone->connected || is_near(record, date);
    if (record.said.served) {
      zone->requests += record.said.served->since.requests + record.said.served->before.requests;
    }
  }
}

Duration silence_of(const GatewayRecord& record, WallTime date) {
  return record.connected() ? Duration{} : std::max(Duration{}, date - record.seen);
}

bool holds_former(const State& state, const world::PollRequest& said) {
  return said.world && said.world->version == state.numbers.of(state.rollout->from);
}

bool in_newest_step(const Rollout& rollout, const std::string& zone) {
  const auto& zones = rollout.steps.back().zones;
  return std::ranges::find(zones, zone) != zones.end();
}

model::ServedCounts difference(const model::ServedCounts& now, const model::ServedCounts& then) {
  model::ServedCounts counts = now;
  counts.requests -= then.requests;
  counts.errors -= then.errors;
  counts.refusals -= then.refusals;
  counts.detours -= then.detours;
  for (std::size_t i = 0; i < counts.first_bytes.size(); ++i) {
    counts.first_bytes[i] -= then.first_bytes[i];
  }
  return counts;
}

std::vector<WaveCounts> count_zones(const State& state, const HeardGateways& gateways) {
  std::map<std::string, WaveCounts> by_zone;
  for (const auto& step : state.rollout->steps) {
    for (const auto& zone : step.zones) {
      by_zone[zone] = {.zone = zone, .in_step = in_newest_step(*state.rollout, zone)};
    }
  }
  for (const auto& [id, record] : gateways) {
    const auto counts = by_zone.find(record.said.zone);
    if (counts == by_zone.end() || !record.said.served) continue;
    if (!holds_newest(state, record.said)) continue;
    counts->second.after += record.said.served->since;
    counts->second.before += record.said.served->before;
  }
  // Who is refused by a place that is not open yet is refused as it has to be.
  for (const auto& zone : closed_zones(*state.contents)) {
    const auto closed = by_zone.find(zone);
    if (closed != by_zone.end()) closed->second.after.refusals = 0;
  }
  std::vector<WaveCounts> zones;
  for (auto& [zone, counts] : by_zone) zones.push_back(std::move(counts));
  return zones;
}

}  // namespace

bool is_near(const GatewayRecord& record, WallTime date) {
  constexpr Duration between_polls = Duration::seconds(2);
  return silence_of(record, date) <= between_polls;
}

bool holds_newest(const State& state, const world::PollRequest& said) {
  return said.world && said.world->version == state.numbers.of(state.numbers.world);
}

const world::Refusal* refusal_of_newest(const State& state, const world::PollRequest& said) {
  const auto newest = state.numbers.of(state.numbers.world);
  for (const auto& refusal : said.refused) {
    if (refusal.kind == seal::DocumentKind::world && refusal.version == newest) return &refusal;
  }
  return nullptr;
}

std::uint64_t engines_down(const world::PollRequest& said) {
  return said.engines ? said.engines->total - std::min(said.engines->healthy, said.engines->total)
                      : 0;
}

std::vector<WaveZone> wave_zones(const State& state, const HeardGateways& gateways, WallTime date) {
  const auto& after = state.contents->network;
  const auto& before = state.before->network;
  std::vector<WaveZone> zones;
  for (const auto& zone : after.zones) zones.push_back(wave_zone(after, zone));
  for (const auto& zone : before.zones) {
    const auto known = std::ranges::find(after.zones, zone.name, &model::Zone::name);
    if (known == after.zones.end()) zones.push_back(wave_zone(before, zone));
  }
  const auto touched = touched_zones(before, after);
  for (auto& zone : zones) {
    zone.touched = touched.contains(zone.name);
    zone.released = state.rollout->released(zone.name);
  }
  add_counts(gateways, date, zones);
  return zones;
}

void RolloutWatch::begin_step(const State& state, const HeardGateways& gateways, Instant now) {
  world_ = state.numbers.world;
  steps_ = state.rollout->steps.size();
  began_ = now;
  held_since_.reset();
  others_then_.clear();
  for (const auto& [id, record] : gateways) {
    if (record.said.served && holds_former(state, record.said)) {
      others_then_[id] = record.said.served->since;
    }
  }
}

std::vector<WaveGateway> RolloutWatch::look_at_gateways(const State& state,
                                                        const HeardGateways& gateways,
                                                        Moment at) const {
  std::vector<WaveGateway> seen;
  const auto& rollout = *state.rollout;
  for (const auto& step : rollout.steps) {
    for (const auto& gateway : step.gateways) {
      WaveGateway wave{
          .id = gateway.id, .zone = gateway.zone, .in_step = &step == &rollout.steps.back()};
      wave.engines_down_before = gateway.engines_down.value_or(0);
      wave.silent = at.now - began_;
      const auto found = gateways.find(gateway.id);
      const bool known = found != gateways.end() && !(at.shared && found->second.lost);
      if (!known && at.shared) continue;
      if (known) {
        const auto& said = found->second.said;
        wave.holds = holds_newest(state, said);
        wave.silent = std::min(wave.silent, silence_of(found->second, at.date));
        wave.engines_down = gateway.engines_down ? engines_down(said) : 0;
      }
      seen.push_back(std::move(wave));
    }
  }
  // Whoever came later is not waited for, but may refuse.
  for (const auto& [id, record] : gateways) {
    const auto* refusal = refusal_of_newest(state, record.said);
    if (refusal == nullptr || !rollout.released(record.said.zone)) continue;
    auto known = std::ranges::find(seen, id, &WaveGateway::id);
    if (known == seen.end()) known = seen.insert(known, {.id = id, .zone = record.said.zone});
    known->refusal = refusal->reason;
  }
  return seen;
}

void RolloutWatch::look_at_others(const State& state, const HeardGateways& gateways,
                                  WaveEvidence& evidence) const {
  for (const auto& [id, record] : gateways) {
    const auto then = others_then_.find(id);
    if (then == others_then_.end() || !record.said.served) continue;
    if (!holds_former(state, record.said)) continue;
    const auto& now = record.said.served->since;
    // One that was restarted counts from nothing again.
    if (now.requests < then->second.requests) continue;
    evidence.others += difference(now, then->second);
  }
}

WaveEvidence RolloutWatch::look(const State& state, const HeardGateways& gateways, Moment at) {
  if (world_ != state.numbers.world || steps_ != state.rollout->steps.size()) {
    begin_step(state, gateways, at.now);
  }
  WaveEvidence evidence;
  evidence.refusals_meant = !state.rollout->refusals_meant.empty();
  evidence.step_age = at.now - began_;
  evidence.gateways = look_at_gateways(state, gateways, at);
  evidence.zones = count_zones(state, gateways);
  look_at_others(state, gateways, evidence);
  const bool all_hold = std::ranges::all_of(evidence.gateways, [](const WaveGateway& gateway) {
    return gateway.holds || !gateway.in_step;
  });
  if (!all_hold) held_since_.reset();
  if (all_hold && !held_since_) {
    const bool any = std::ranges::any_of(evidence.gateways, &WaveGateway::in_step);
    held_since_ = any ? at.now : began_;
  }
  if (held_since_) evidence.held_for = at.now - *held_since_;
  return evidence;
}

}  // namespace portolan::control
