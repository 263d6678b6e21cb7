#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "control/gate_place.h"
#include "policy/neighbours_carry.h"

namespace portolan::control {
namespace {

// What a zone can do and does, as its gateways told. They share its engines, so that the most that
// one of them finds is what there is; what each of them does adds up. Nothing: one of them was not
// heard, or has not told.
std::optional<policy::PlaceLoad> load_of(const OpeningFacts& facts, const model::Zone& zone) {
  if (zone.gateways.empty()) return std::nullopt;
  policy::PlaceLoad load;
  for (const auto& address : zone.gateways) {
    const GatewayHeard* heard = heard_of(facts, address.id);
    const bool told = heard != nullptr && heard->said.load &&
                      heard->silent <= opening_silence_ms_max.milliseconds();
    if (!told) return std::nullopt;
    load.slots = std::max(load.slots, heard->said.load->slots);
    load.busy_p95 += heard->said.load->busy_p95;
  }
  return load;
}

// What would leave: what the opening says, or all that its engines take; what was measured there
// where that is more.
std::uint64_t leaving(const OpeningFacts& facts, const GatedPlace& place) {
  std::uint64_t planned = facts.opening.load;
  if (planned == 0) {
    for (const auto* deployment : place.deployments) {
      for (const auto& engine : deployment->engines) planned += engine.slots;
    }
  }
  std::uint64_t measured = 0;
  for (const auto& gateway : place.gateways) {
    const GatewayHeard* heard = heard_of(facts, gateway.address->id);
    if (heard != nullptr && heard->said.load) measured += heard->said.load->busy_p95;
  }
  return std::max(planned, measured);
}

// The neighbours that have told what they do, and those that have not.
struct Neighbours {
  std::vector<policy::PlaceLoad> loads{};
  std::vector<std::string> heard{};
  std::vector<std::string> unheard{};
};

Neighbours neighbours_heard(const OpeningFacts& facts, const GatedPlace& place) {
  Neighbours neighbours;
  for (const auto& name : facts.neighbours) {
    const auto zone = std::ranges::find(place.elsewhere, name, &model::Zone::name);
    const auto load = zone == place.elsewhere.end() ? std::nullopt : load_of(facts, **zone);
    if (load) neighbours.loads.push_back(*load);
    (load ? neighbours.heard : neighbours.unheard).push_back(name);
  }
  return neighbours;
}

// Each model of the place is in one of them at least.
void want_models(const OpeningFacts& facts, const GatedPlace& place, GateVerdict& verdict) {
  std::set<std::string> there;
  for (const auto& deployment : facts.contents->network.deployments) {
    const bool by_neighbour = is_among(facts.neighbours, deployment.zone);
    if (by_neighbour && !place.has_zone(deployment.zone)) there.insert(deployment.model);
  }
  for (const auto* deployment : place.deployments) {
    if (there.contains(deployment->model)) continue;
    add_finding(verdict, fmt::format("model {} in {}", deployment->model, facts.region),
                "No neighbour has it, so that nobody can carry what the place does with it. Deploy "
                "it in one of them, or name others under 'neighbours'.");
  }
}

}  // namespace

GateVerdict gate_neighbours(const OpeningFacts& facts) {
  GateVerdict verdict;
  const GatedPlace place = gated_place(facts);
  if (!has_gateways(facts, place, verdict)) return verdict;
  if (facts.neighbours.empty()) {
    add_finding(verdict, place_subject(facts),
                "It has no neighbours: no other zone shares a scope with it. Write them under "
                "'neighbours', or a scope that has both.");
    return verdict;
  }
  want_models(facts, place, verdict);
  const Neighbours neighbours = neighbours_heard(facts, place);
  const auto carrying = policy::neighbours_carry(neighbours.loads, leaving(facts, place));
  std::string unheard;
  if (!neighbours.unheard.empty()) {
    unheard = fmt::format(" Not counted, as not all of their gateways have told their load: {}.",
                          some_of(neighbours.unheard));
  }
  if (!carrying.holds()) {
    add_finding(verdict, place_subject(facts),
                fmt::format("Its neighbours have room for {} requests at once where {} would leave "
                            "it.{} Give them engines, or name more neighbours.",
                            carrying.spare, carrying.needed, unheard));
  }
  verdict.evidence.push_back(
      fmt::format("{} neighbours have room for {} requests at once beside their p95 load, where {} "
                  "would leave the place.{}",
                  neighbours.heard.size(), carrying.spare, carrying.needed, unheard));
  return verdict;
}

}  // namespace portolan::control
