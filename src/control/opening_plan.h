#pragma once

#include <string>
#include <utility>
#include <vector>

#include "control/front_door_probe.h"
#include "control/gateway_records.h"
#include "control/opening_facts.h"

// Whom a look at a place asks for what; no decision here waits for anything.
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
// several gateways those come first that poll a control.
std::vector<ZoneToAsk> plan_looks(const OpeningFacts& facts, const GatewayRecords& heard);

// Names of the models that are deployed in any of these zones.
std::vector<std::string> models_in(const world::Contents& contents,
                                   const std::vector<std::string>& zones);

// At the region's front door, and at those of the gateways of the place: each model at a door of
// each zone that has it, whole and streamed, at most opening_probes_max of them. Where the
// probing scope is more than the place they are narrowed to it.
std::vector<FrontDoorQuestion> plan_probes(const OpeningFacts& facts, bool narrowed);

// Each model of the place at a door of these zones, and each door at least once, at most
// opening_drill_probes_max of them.
std::vector<FrontDoorQuestion> plan_drill(const OpeningFacts& facts,
                                          const std::vector<std::string>& zones);

// A request that has to be refused: `question` has no key yet.
struct RefusalToAsk {
  enum class By : std::uint8_t { probing, outsider, nobody };  // whose key it shows

  std::string what{};
  std::string wanted_code{};
  By by = By::nobody;
  FrontDoorQuestion question{};
};

// At each front door of the place, and for what may not be computed there also at doors of at most
// opening_refusal_zones_max neighbours that poll a control, by facts.heard. Errors:
// resource_not_found where probing scope or workspaces are not there; those of World::make.
Result<std::vector<RefusalToAsk>> plan_refusals(const OpeningFacts& facts);

}  // namespace portolan::control
