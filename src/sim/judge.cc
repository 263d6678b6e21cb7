#include "sim/judge.h"

#include <algorithm>

#include "sim/oracle.h"
#include "sim/scenario_times.h"

namespace portolan::sim {
namespace {

void add(std::vector<std::size_t>& editions, std::size_t edition) {
  if (std::ranges::find(editions, edition) == editions.end()) editions.push_back(edition);
}

}  // namespace

std::vector<std::size_t> Judge::editions_by(Instant until) const {
  std::vector<std::size_t> editions;
  for (const Published& published : observed_.published) {
    if (published.from <= until) add(editions, published.edition);
  }
  return editions;
}

// By its World's hash, where it is known: by the log, else by the answer.
std::vector<std::size_t> Judge::editions_of_entry(const Sighting& seen, Instant until) const {
  const LogLine* line = observed_.line_of(seen);
  const std::string& hash = line == nullptr ? seen.world : line->world;
  std::vector<std::size_t> editions;
  for (const Published& published : observed_.published) {
    if (!hash.empty() && published.hash == hash) add(editions, published.edition);
  }
  return editions.empty() ? editions_by(until) : editions;
}

std::vector<std::size_t> Judge::editions_held(std::size_t zone, Instant from,
                                              Instant until) const {
  const auto& worlds = observed_.versions.worlds(gateway_name(zone));
  std::vector<std::size_t> editions;
  for (std::size_t i = 0; i < worlds.size(); ++i) {
    const bool ended = i + 1 < worlds.size() && worlds[i + 1].at < from;
    if (worlds[i].at > until || ended) continue;
    const auto known = std::ranges::find(observed_.published, worlds[i].hash, &Published::hash);
    if (known == observed_.published.end()) return editions_by(until);
    add(editions, known->edition);
  }
  return editions;
}

std::vector<WallTime> Judge::dates(std::size_t zone, Instant from, Instant until) const {
  return observed_.clocks.dates(gateway_name(zone), from, until, observed_.atlas);
}

bool Judge::allowed_by_one(const std::vector<std::size_t>& editions, const Sighting& seen,
                           std::size_t zone, const std::vector<WallTime>& moments) const {
  return std::ranges::any_of(editions, [&](std::size_t edition) {
    const Oracle oracle(observed_.atlas, edition);
    return std::ranges::any_of(
        moments, [&](WallTime date) { return oracle.allows(seen.asked.question, zone, date); });
  });
}

bool Judge::could_send(const Sighting& seen, std::size_t zone, Instant from, Instant until) const {
  const std::size_t entry = seen.asked.gateway;
  const auto moments = dates(entry, from, until);
  if (!allowed_by_one(editions_of_entry(seen, until), seen, zone, moments)) return false;
  // What it decided by, from its begin to its end, may be an older World; what the
  // newest that it had then forbids stays forbidden.
  return !observed_.zones[entry].documents_were_lost ||
         allowed_by_one(editions_held(entry, seen.began, until), seen, zone, moments);
}

bool Judge::could_run(const Sighting& seen, std::size_t zone, Instant from, Instant until) const {
  return allowed_by_one(editions_held(zone, from, until), seen, zone, dates(zone, from, until));
}

bool Judge::door_is_open(const Sighting& seen) const {
  const Instant from = seen.began - recovery_time;
  const std::size_t door = seen.asked.gateway;
  if (!observed_.weather.fair_between("client", gateway_name(door), from, seen.ended)) return false;
  if (!observed_.weather.fair(observed_.atlas.zones[door].name, from, seen.ended)) return false;
  const auto moments = dates(door, seen.began, seen.ended);
  return std::ranges::all_of(editions_by(seen.ended), [&](std::size_t edition) {
    const Oracle oracle(observed_.atlas, edition);
    return std::ranges::all_of(
        moments, [&](WallTime date) { return oracle.lets_in(seen.asked.question, door, date); });
  });
}

bool Judge::runs_surely(const Sighting& seen, std::size_t zone) const {
  const Instant from = seen.began - recovery_time;
  const Weather& weather = observed_.weather;
  const std::string gateway = gateway_name(zone);
  if (!weather.fair(observed_.atlas.zones[zone].name, from, seen.ended)) return false;
  if (!weather.fair_between(gateway_name(seen.asked.gateway), gateway, from, seen.ended) ||
      !weather.fair_between(gateway, engine_name(zone), from, seen.ended)) {
    return false;
  }
  auto moments = dates(zone, seen.began, seen.ended);
  const auto of_entry = dates(seen.asked.gateway, seen.began, seen.ended);
  moments.insert(moments.end(), of_entry.begin(), of_entry.end());
  return std::ranges::all_of(editions_by(seen.ended), [&](std::size_t edition) {
    const Oracle oracle(observed_.atlas, edition);
    return std::ranges::all_of(
        moments, [&](WallTime date) { return oracle.allows(seen.asked.question, zone, date); });
  });
}

bool Judge::is_owed(const Sighting& seen) const {
  if (observed_.by_chance || seen.end == Sighting::End::left) return false;
  const bool may_be_revoked = seen.asked.key == observed_.spare_key && observed_.revoked_from &&
                              seen.ended >= *observed_.revoked_from;
  if (may_be_revoked || !door_is_open(seen)) return false;
  for (std::size_t zone = 0; zone < observed_.atlas.zones.size(); ++zone) {
    if (runs_surely(seen, zone)) return true;
  }
  return false;
}

bool Judge::some_zone_was_harmed(const Sighting& seen) const {
  const Instant from = seen.began - recovery_time;
  for (std::size_t zone = 0; zone < observed_.atlas.zones.size(); ++zone) {
    const std::string gateway = gateway_name(zone);
    if (!observed_.weather.fair_between(gateway_name(seen.asked.gateway), gateway, from,
                                        seen.ended) ||
        !observed_.weather.fair_between(gateway, engine_name(zone), from, seen.ended)) {
      return true;
    }
  }
  return false;
}

}  // namespace portolan::sim
