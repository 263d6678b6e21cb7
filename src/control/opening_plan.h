#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "control/gateway_records.h"
#include "control/opening_facts.h"

namespace portolan::control {

// A zone whose gateways are asked to look around.
struct ZoneToAsk {
  std::string zone{};
  bool of_place = false;
  std::vector<model::GatewayAddress> gateways{};  // in this order, each of them
  std::vector<std::string> peers{};               // whom each of them is to reach, but for itself
  std::vector<std::string> models{};  // whose engines the first that answers is to look at
};

// Every gateway of the place is to reach all others of it and one of each zone elsewhere; one of
// each zone elsewhere is to reach all of the place. The engines of the place are looked at, and
// those of its models in at most opening_engine_zones_max zones elsewhere, neighbours first. Of
// several gateways those come first that poll this control.
std::vector<ZoneToAsk> plan_looks(const OpeningFacts& facts, const GatewayRecords& heard);

// A front door: the region's, or a gateway's.
struct Door {
  std::string url{};
  std::string gateway{};  // empty: the region's
  std::string zone{};
  friend bool operator==(const Door&, const Door&) = default;
};

// Of the gateways in these zones, in that order.
std::vector<Door> doors_in(const world::Contents& contents, std::span<const std::string> zones);

// A model that doors are asked for.
struct ProbedModel {
  std::string name{};
  bool streams = false;
  friend bool operator==(const ProbedModel&, const ProbedModel&) = default;
};

// Those that chat and are deployed in one of these zones, by name.
std::vector<ProbedModel> models_in(const world::Contents& contents,
                                   std::span<const std::string> zones);

// Pairs of a door and a model, at most so many: first each door and each model is in one, then
// come the others.
std::vector<std::pair<std::size_t, std::size_t>> spread(std::size_t doors, std::size_t models,
                                                        std::size_t most);

}  // namespace portolan::control
