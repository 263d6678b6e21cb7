#include "control/opening_gate.h"

#include <source_location>

#include "base/check.h"
#include "control/gate_place.h"

namespace portolan::control {
namespace {

GateVerdict judge_known(model::Gate gate, const OpeningFacts& facts) {
  switch (gate) {
    case model::Gate::reach:
      return gate_reach(facts);
    case model::Gate::clocks:
      return gate_clocks(facts);
    case model::Gate::certificates:
      return gate_certificates(facts);
    case model::Gate::engines:
      return gate_engines(facts);
    case model::Gate::catalogue:
      return gate_catalogue(facts);
    case model::Gate::keys:
      return gate_keys(facts);
    case model::Gate::probes:
      return gate_probes(facts);
    case model::Gate::refusals:
      return gate_refusals(facts);
    case model::Gate::loss:
      return gate_loss(facts);
    case model::Gate::neighbours:
      return gate_neighbours(facts);
  }
  fail_check("a gate that is not in the closed set", std::source_location::current());
}

}  // namespace

GateVerdict judge(model::Gate gate, const OpeningFacts& facts) {
  const GatedPlace place = gated_place(facts);
  if (!place.region || place.zones.empty() || place.zones.size() != facts.zones.size()) {
    GateVerdict verdict;
    add_finding(verdict, place_subject(facts),
                "The resources do not have it with all zones that are to be opened. Apply its "
                "region and zones.");
    return verdict;
  }
  return judge_known(gate, facts);
}

}  // namespace portolan::control
