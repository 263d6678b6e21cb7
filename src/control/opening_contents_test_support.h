#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/opening.h"
#include "world/resource.h"

// For tests: resources by what matters of them here.
namespace portolan::control::testing {

using Names = std::vector<std::string>;

inline model::Opening opening_of(std::string region, std::string zone, Names neighbours = {}) {
  model::Opening opening;
  opening.name = "o";
  opening.region = std::move(region);
  opening.zone = std::move(zone);
  opening.neighbours = std::move(neighbours);
  return opening;
}

inline void add_region(world::Contents& contents, std::string name, std::string url = {}) {
  model::Region region;
  region.name = std::move(name);
  region.country = "DE";
  region.url = std::move(url);
  contents.network.regions.push_back(std::move(region));
}

// Its region is named by its first two letters.
inline void add_zone(world::Contents& contents, const std::string& name, const Names& gateways) {
  model::Zone zone;
  zone.name = name;
  zone.region = name.substr(0, 2);
  for (const auto& id : gateways) zone.gateways.push_back({id, "http://" + id, id + ":8001"});
  contents.network.zones.push_back(std::move(zone));
}

inline void add_scope(world::Contents& contents, std::string name, Names include) {
  model::Scope scope;
  scope.name = std::move(name);
  scope.include = std::move(include);
  contents.network.scopes.push_back(std::move(scope));
}

inline void deploy(world::Contents& contents, const std::string& name, const std::string& zone) {
  model::Deployment deployment;
  deployment.name = name + "." + zone;
  deployment.model = name;
  deployment.zone = zone;
  contents.network.deployments.push_back(std::move(deployment));
}

}  // namespace portolan::control::testing
