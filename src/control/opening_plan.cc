#include "control/opening_plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "control/opening_limits.h"
#include "world/inspection.h"

namespace portolan::control {
namespace {

using model::GatewayAddress;

bool is_in(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

// Those that may be there and poll a control come first, those whose certificate is trusted no
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
  const auto wanted = models_in(*facts.contents, facts.zones);
  std::map<std::string, std::size_t> asked;
  std::map<std::string, std::vector<std::string>> by_zone;
  for (const bool neighbours : {true, false}) {
    for (const auto& asking : elsewhere) {
      if (is_in(facts.neighbours, asking.zone) != neighbours) continue;
      for (const auto& model : models_in(*facts.contents, {asking.zone})) {
        if (!is_in(wanted, model)) continue;
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
                     .models = models_in(*facts.contents, {zone.name})});
  }
  return asked;
}

}  // namespace

std::vector<std::string> models_in(const world::Contents& contents,
                                   const std::vector<std::string>& zones) {
  std::set<std::string> models;
  for (const auto& deployment : contents.network.deployments) {
    if (is_in(zones, deployment.zone)) models.insert(deployment.model);
  }
  return {models.begin(), models.end()};
}

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

}  // namespace portolan::control
