#include <algorithm>
#include <set>

#include "control/opening_closing.h"
#include "control/opening_limits.h"
#include "control/opening_place.h"
#include "control/opening_plan.h"
#include "policy/zones_under_rules.h"

// What front doors are asked.
namespace portolan::control {
namespace {

// A front door: the region's, or a gateway's.
struct Door {
  std::string url{};
  std::string gateway{};  // empty: the region's
  std::string zone{};
};

// Of those gateways in that zone that have one of their own.
std::vector<Door> doors_of(const world::Contents& contents, const std::string& zone) {
  std::vector<Door> doors;
  for (const auto& known : contents.network.zones) {
    if (known.name != zone) continue;
    for (const auto& gateway : known.gateways) {
      if (!gateway.url.empty()) doors.push_back({gateway.url, gateway.id, zone});
    }
  }
  return doors;
}

std::vector<Door> doors_of_all(const world::Contents& contents,
                               const std::vector<std::string>& zones) {
  std::vector<Door> doors;
  for (const auto& zone : zones) {
    auto more = doors_of(contents, zone);
    std::ranges::move(more, std::back_inserter(doors));
  }
  return doors;
}

std::vector<Door> door_of_region(const OpeningFacts& facts) {
  const auto& regions = facts.contents->network.regions;
  const auto found = std::ranges::find(regions, facts.region, &model::Region::name);
  if (found == regions.end() || found->url.empty()) return {};
  return {{found->url, {}, {}}};
}

FrontDoorQuestion question_at(const Door& door, const std::string& model) {
  return {.door = door.url, .gateway = door.gateway, .zone = door.zone, .model = model};
}

// Whether that gateway asked control a moment ago.
bool polls(const OpeningFacts& facts, const std::string& gateway) {
  const auto heard = std::ranges::find(facts.heard, gateway, &GatewayHeard::gateway);
  return heard != facts.heard.end() && heard->silent < opening_told_ms_max.milliseconds();
}

// Pairs of them, so that each door and each model is in one.
std::vector<FrontDoorQuestion> pair_up(const std::vector<Door>& doors,
                                       const std::vector<std::string>& models) {
  std::vector<FrontDoorQuestion> pairs;
  if (doors.empty() || models.empty()) return pairs;
  for (std::size_t i = 0; i < std::max(doors.size(), models.size()); ++i) {
    pairs.push_back(question_at(doors[i % doors.size()], models[i % models.size()]));
  }
  return pairs;
}

// What may stand in the head's scope and leaves nothing: a scope that has no zone of the probing
// one, or else a name that no scope has.
std::pair<std::string, Code> scope_without(const model::World& world,
                                           const model::ZoneMask& probed) {
  for (const auto& scope : world.network().scopes) {
    const auto zones = world.zones_of_scope(*world.find_scope(scope.name));
    if ((zones & probed).empty()) return {scope.name, Code::scope_denied};
  }
  std::string name = "opening-no-such-scope";
  while (world.find_scope(name)) name += "-either";
  return {std::move(name), Code::unknown_scope};
}

// What all doors are to refuse, with what is known of them in advance.
struct Refusals {
  Code of_outsider = Code::scope_denied;  // at a door of the place
  std::string scope{};
  Code of_scope = Code::scope_denied;
  std::vector<std::string> elsewhere{};  // zones where an outsider may enter and not get on
};

Result<Refusals> refusals_of(const OpeningFacts& facts) {
  const auto& contents = *facts.contents;
  const std::string outsider = outside_name(facts.opening.name);
  const auto workspace = std::ranges::find(contents.workspaces, outsider, &model::Workspace::name);
  TRY(const auto world, model::World::make(contents.network, {}, {}));
  const auto scope = world.find_scope(closing_name(facts.opening.name));
  if (workspace == contents.workspaces.end() || !scope) {
    return Fault{Code::resource_not_found, Retry::never,
                 "There is no workspace '" + outsider + "' with its scope."};
  }
  const auto probed = world.zones_of_scope(*scope);
  auto left = probed & policy::zones_under_rules(world, {nullptr, workspace->labels, facts.now});
  // They are closed to it, whatever the rules of this World say.
  for (const auto& name : facts.zones) {
    if (const auto zone = world.find_zone(name)) left.remove(*zone);
  }
  Refusals refusals{.elsewhere = facts.neighbours};
  if (!left.empty()) {
    refusals.of_outsider = Code::wrong_region;
    std::erase_if(refusals.elsewhere, [&](const std::string& name) {
      const auto zone = world.find_zone(name);
      return !zone || !left.contains(*zone);
    });
  }
  std::tie(refusals.scope, refusals.of_scope) = scope_without(world, probed);
  return refusals;
}

}  // namespace

std::vector<FrontDoorQuestion> plan_probes(const OpeningFacts& facts, bool narrowed) {
  const auto& contents = *facts.contents;
  const auto region = door_of_region(facts);
  std::vector<FrontDoorQuestion> pairs;
  std::vector<std::string> behind_region;  // models that no other door is asked for
  for (const auto& zone : facts.zones) {
    const auto doors = doors_of(contents, zone);
    const auto models = models_in(contents, {zone});
    // A gateway of a zone without engines is a door to the others.
    auto more = pair_up(doors, models.empty() ? models_in(contents, facts.zones) : models);
    std::ranges::move(more, std::back_inserter(pairs));
    if (doors.empty()) behind_region.insert(behind_region.end(), models.begin(), models.end());
  }
  if (behind_region.empty()) behind_region = models_in(contents, facts.zones);
  if (!region.empty() && !behind_region.empty()) {
    auto more = pair_up(region, behind_region);
    std::ranges::move(more, std::back_inserter(pairs));
  }
  std::vector<FrontDoorQuestion> probes;
  for (auto& pair : pairs) {
    if (narrowed) pair.only = facts.zones;
    for (const bool streamed : {false, true}) {
      if (probes.size() == opening_probes_max.count()) return probes;
      probes.push_back(pair);
      probes.back().streamed = streamed;
    }
  }
  return probes;
}

std::vector<FrontDoorQuestion> plan_drill(const OpeningFacts& facts,
                                          const std::vector<std::string>& zones) {
  auto probes =
      pair_up(doors_of_all(*facts.contents, zones), models_in(*facts.contents, facts.zones));
  if (probes.size() > opening_drill_probes_max.count()) {
    probes.resize(opening_drill_probes_max.count());
  }
  for (std::size_t i = 0; i < probes.size(); ++i) probes[i].streamed = i % 2 == 1;
  return probes;
}

Result<std::vector<RefusalToAsk>> plan_refusals(const OpeningFacts& facts) {
  TRY(const auto known, refusals_of(facts));
  using By = RefusalToAsk::By;
  const auto& contents = *facts.contents;
  const auto models = models_in(contents, facts.zones);
  const std::string model = models.empty() ? std::string("none") : models.front();
  std::vector<RefusalToAsk> asked;
  const auto ask = [&](const Door& door, std::string what, Code wanted, By by) {
    asked.push_back({std::move(what), std::string(name_of(wanted)), by, question_at(door, model)});
    return &asked.back().question;
  };
  auto doors = doors_of_all(contents, facts.zones);
  // Behind the region's door stand also those of its zones that serve.
  if (facts.opening.zone.empty() && doors.empty()) doors = door_of_region(facts);
  for (const auto& door : doors) {
    ask(door, "data that no rule lets in", known.of_outsider, By::outsider);
    ask(door, "a key that does not exist", Code::unknown_key, By::nobody);
    ask(door, "a scope without this place", known.of_scope, By::probing)->scope = known.scope;
  }
  std::set<std::string> zones;
  for (const auto& door : doors_of_all(contents, known.elsewhere)) {
    if (zones.size() == opening_refusal_zones_max.count()) break;
    if (!polls(facts, door.gateway) || !zones.insert(door.zone).second) continue;
    ask(door, "data that no rule lets in, from elsewhere", Code::scope_denied, By::outsider)->only =
        facts.zones;
  }
  return asked;
}

}  // namespace portolan::control
