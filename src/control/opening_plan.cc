#include "control/opening_plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "control/opening_limits.h"
#include "world/inspection.h"

namespace portolan::control {
namespace {

using model::GatewayAddress;

bool is_in(std::span<const std::string> names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

// Those that may be there and poll this control come first, those whose certificate is trusted no
// more last.
std::vector<GatewayAddress> in_order(std::vector<GatewayAddress> gateways,
                                     const model::Restrictions& restrictions,
                                     const GatewayRecords& heard) {
  const auto rank = [&](const GatewayAddress& gateway) {
    if (restrictions.revoked_machines.contains(gateway.id)) return 2;
    const auto found = heard.by_id().find(gateway.id);
    return found != heard.by_id().end() && found->second.connected() ? 0 : 1;
  };
  std::ranges::sort(gateways, {}, [&](const GatewayAddress& gateway) {
    return std::pair(rank(gateway), gateway.id);
  });
  return gateways;
}

std::vector<std::string> models_of(const model::Network& network, const std::string& zone) {
  std::vector<std::string> models;
  for (const auto& deployment : network.deployments) {
    if (deployment.zone == zone) models.push_back(deployment.model);
  }
  return models;
}

// One zone of each region, then the others.
std::vector<model::Zone> zones_elsewhere(const OpeningFacts& facts) {
  std::set<std::string> seen;
  std::vector<model::Zone> first;
  std::vector<model::Zone> others;
  for (const auto& zone : facts.contents->network.zones) {
    if (is_in(facts.zones, zone.name) || zone.gateways.empty()) continue;
    (seen.insert(zone.region).second ? first : others).push_back(zone);
  }
  first.insert(first.end(), others.begin(), others.end());
  if (first.size() > opening_zones_elsewhere_max.count()) {
    first.resize(opening_zones_elsewhere_max.count());
  }
  return first;
}

// Which models each zone elsewhere is asked for: those of the place, in neighbours first.
std::map<std::string, std::vector<std::string>> compared_models(
    const OpeningFacts& facts, const std::vector<ZoneToAsk>& elsewhere) {
  std::set<std::string> wanted;
  for (const auto& zone : facts.zones) {
    const auto models = models_of(facts.contents->network, zone);
    wanted.insert(models.begin(), models.end());
  }
  std::map<std::string, std::size_t> asked;
  std::map<std::string, std::vector<std::string>> by_zone;
  for (const bool neighbours : {true, false}) {
    for (const auto& asking : elsewhere) {
      if (is_in(facts.neighbours, asking.zone) != neighbours) continue;
      for (const auto& model : models_of(facts.contents->network, asking.zone)) {
        if (!wanted.contains(model)) continue;
        if (asked[model]++ < opening_engine_zones_max.count()) {
          by_zone[asking.zone].push_back(model);
        }
      }
    }
  }
  return by_zone;
}

std::vector<ZoneToAsk> plan_place(const OpeningFacts& facts, const GatewayRecords& heard) {
  std::vector<ZoneToAsk> asked;
  for (const auto& zone : facts.contents->network.zones) {
    if (!is_in(facts.zones, zone.name)) continue;
    asked.push_back({.zone = zone.name,
                     .of_place = true,
                     .gateways = in_order(zone.gateways, facts.restrictions, heard),
                     .peers = {},
                     .models = models_of(facts.contents->network, zone.name)});
  }
  return asked;
}

}  // namespace

std::vector<ZoneToAsk> plan_looks(const OpeningFacts& facts, const GatewayRecords& heard) {
  auto asked = plan_place(facts, heard);
  std::vector<std::string> of_place;
  for (const auto& zone : asked) {
    for (const auto& gateway : zone.gateways) of_place.push_back(gateway.id);
  }
  std::vector<ZoneToAsk> elsewhere;
  std::vector<std::string> peers = of_place;
  for (const auto& zone : zones_elsewhere(facts)) {
    auto gateway = in_order(zone.gateways, facts.restrictions, heard).front();
    peers.push_back(gateway.id);
    elsewhere.push_back({.zone = zone.name,
                         .of_place = false,
                         .gateways = {std::move(gateway)},
                         .peers = of_place,
                         .models = {}});
  }
  auto compared = compared_models(facts, elsewhere);
  for (auto& zone : elsewhere) zone.models = std::move(compared[zone.zone]);
  for (auto& zone : asked) zone.peers = peers;
  asked.insert(asked.end(), elsewhere.begin(), elsewhere.end());
  for (auto& zone : asked) {
    if (zone.peers.size() > world::inspect_peers_max.count()) {
      zone.peers.resize(world::inspect_peers_max.count());
    }
  }
  return asked;
}

std::vector<Door> doors_in(const world::Contents& contents, std::span<const std::string> zones) {
  std::vector<Door> doors;
  for (const auto& zone : contents.network.zones) {
    if (!is_in(zones, zone.name)) continue;
    for (const auto& gateway : zone.gateways) doors.push_back({gateway.url, gateway.id, zone.name});
  }
  return doors;
}

std::vector<ProbedModel> models_in(const world::Contents& contents,
                                   std::span<const std::string> zones) {
  std::set<std::string> deployed;
  for (const auto& zone : zones) {
    const auto models = models_of(contents.network, zone);
    deployed.insert(models.begin(), models.end());
  }
  std::vector<ProbedModel> probed;
  for (const auto& model : contents.network.models) {
    if (!deployed.contains(model.name) || !is_in(model.features, "chat")) continue;
    probed.push_back({model.name, is_in(model.features, "stream")});
  }
  return probed;
}

std::vector<std::pair<std::size_t, std::size_t>> spread(std::size_t doors, std::size_t models,
                                                        std::size_t most) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  if (doors == 0 || models == 0) return pairs;
  std::set<std::pair<std::size_t, std::size_t>> seen;
  const auto take = [&](std::size_t door, std::size_t model) {
    if (pairs.size() < most && seen.emplace(door, model).second) pairs.emplace_back(door, model);
  };
  for (std::size_t i = 0; i < std::max(doors, models); ++i) take(i % doors, i % models);
  for (std::size_t shift = 0; shift < models && pairs.size() < most; ++shift) {
    for (std::size_t door = 0; door < doors; ++door) take(door, (door + shift) % models);
  }
  return pairs;
}

}  // namespace portolan::control
