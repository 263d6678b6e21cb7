#include <fmt/format.h>

#include <algorithm>

#include "control/gate_place.h"

namespace portolan::control {
namespace {

std::string subject_of(const RefusalProbe& refusal) {
  return fmt::format("{} at {}", refusal.what, refusal.probe.door);
}

// How it was answered otherwise than by the refusal that is wanted; empty: so it was refused.
std::string flaw_of(const RefusalProbe& refusal) {
  const FrontDoorProbe& probe = refusal.probe;
  if (probe.status == 200) {
    return fmt::format(
        "It was answered with 200, computed in '{}', where {} was wanted: the place "
        "takes what may not be there. Let nobody in; look at the rules and scopes "
        "that its gateway holds ({}).",
        probe.computed_in, refusal.wanted_code, probe.request_id);
  }
  if (probe.status == 0) {
    return fmt::format("Whether it is refused is not known, as {}. See that the door answers.",
                       failure_of(probe));
  }
  if (probe.code == refusal.wanted_code && !refusal.wanted_code.empty()) return {};
  return fmt::format(
      "It was refused with {}, where {} was wanted, so that the reason is another "
      "one. Look at the request's line in the access log ({}).",
      failure_of(probe), refusal.wanted_code, probe.request_id);
}

}  // namespace

GateVerdict gate_refusals(const OpeningFacts& facts) {
  GateVerdict verdict;
  const GatedPlace place = gated_place(facts);
  if (!has_gateways(facts, place, verdict)) return verdict;
  if (!facts.refusals_why.empty()) {
    add_finding(verdict, place_subject(facts),
                fmt::format("Nothing was asked that it has to refuse: {}. See to that, and ask "
                            "again.",
                            clause(facts.refusals_why)));
  }
  std::size_t refused = 0;
  for (const auto& refusal : facts.refusals) {
    const std::string flaw = flaw_of(refusal);
    if (flaw.empty()) ++refused;
    if (!flaw.empty()) add_finding(verdict, subject_of(refusal), flaw);
  }
  for (const auto& gateway : place.gateways) {
    // One without a front door of its own is asked through others.
    const bool asked = std::ranges::any_of(facts.refusals, [&](const RefusalProbe& refusal) {
      return gateway.address->url.empty() || refusal.probe.gateway == gateway.address->id;
    });
    if (asked) continue;
    add_finding(verdict, gateway.subject(),
                "It was asked nothing that it has to refuse. Ask again; only a refusal shows that "
                "it knows the rules.");
  }
  verdict.evidence.push_back(fmt::format(
      "Of {} requests that may not be answered there {} were refused for the reason that was "
      "wanted.",
      facts.refusals.size(), refused));
  return verdict;
}

}  // namespace portolan::control
