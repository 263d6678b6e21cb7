#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "control/gate_place.h"

namespace portolan::control {
namespace {

// What the ledger's record says otherwise than the answer did; empty: nothing.
std::string difference(const FrontDoorProbe& probe, const ProbeRecord& record) {
  if (record.state != "completed") return fmt::format("it says '{}'", record.state);
  if (record.zone != probe.computed_in) {
    return fmt::format("it says zone {} where the answer came from {}", record.zone,
                       probe.computed_in);
  }
  if (record.model != probe.model) {
    return fmt::format("it says model {} where {} was asked for", record.model, probe.model);
  }
  if (record.prompt_tokens != probe.prompt_tokens ||
      record.completion_tokens != probe.completion_tokens) {
    return fmt::format("it counts {} and {} tokens where the answer's usage counts {} and {}",
                       record.prompt_tokens, record.completion_tokens,
                       probe.prompt_tokens.value_or(0), probe.completion_tokens.value_or(0));
  }
  return {};
}

class ProbesJudge {
 public:
  explicit ProbesJudge(const OpeningFacts& facts) : facts_(facts), place_(gated_place(facts)) {}

  GateVerdict judge() {
    if (!has_gateways(facts_, place_, verdict_)) return std::move(verdict_);
    if (!facts_.probes_why.empty() || facts_.probes.empty()) {
      const std::string_view why =
          facts_.probes_why.empty() ? "none was sent" : clause(facts_.probes_why);
      add_finding(verdict_, place_subject(facts_),
                  fmt::format("It was not probed: {}. See to that, and ask again.", why));
      return std::move(verdict_);
    }
    for (const auto& probe : facts_.probes) judge_one(probe);
    for (const auto* deployment : place_.deployments) want_model(*deployment);
    want_doors();
    tell();
    return std::move(verdict_);
  }

 private:
  void add(const FrontDoorProbe& probe, std::string sentence) {
    add_finding(verdict_, probe_subject(probe), std::move(sentence));
  }

  void judge_one(const FrontDoorProbe& probe) {
    const std::string failure = failure_of(probe);
    if (!failure.empty()) {
      add(probe,
          fmt::format("It was not answered: {}. Look for {} in the access log of the gateway "
                      "there.",
                      failure, probe.request_id.empty() ? "the request" : probe.request_id));
      return;
    }
    if (!place_.has_zone(probe.computed_in)) {
      add(probe,
          fmt::format("It was computed in zone '{}', which is not of the place. See that its "
                      "engines have room and that its gateways reach each other.",
                      probe.computed_in));
      return;
    }
    if (!probe.prompt_tokens || !probe.completion_tokens) {
      add(probe,
          "The answer has no usage, so that nobody can hold a bill against it. Look at the "
          "engine's settings for usage.");
      return;
    }
    judge_record(probe);
  }

  void judge_record(const FrontDoorProbe& probe) {
    if (!probe.record) {
      add(probe, fmt::format("The ledger has no record of request {}: {}. See that the meter runs "
                             "and that its gateway ships its log.",
                             probe.request_id,
                             probe.record_why.empty() ? "it was not asked for one"
                                                      : clause(probe.record_why)));
      return;
    }
    const std::string otherwise = difference(probe, *probe.record);
    if (otherwise.empty()) {
      ++equal_;
      return;
    }
    add(probe, fmt::format("The ledger's record of request {} is not what was answered: {}. Bills "
                           "would be wrong; look at the engine's usage and at the meter.",
                           probe.request_id, otherwise));
  }

  // Asked for at a door of its zone, whole and streamed. A zone whose gateways have no door of
  // their own is behind the region's.
  void want_model(const model::Deployment& deployment) {
    const bool own_door = std::ranges::any_of(place_.gateways, [&](const auto& gateway) {
      return gateway.zone->name == deployment.zone && !gateway.address->url.empty();
    });
    for (const bool streamed : {false, true}) {
      const bool asked = std::ranges::any_of(facts_.probes, [&](const FrontDoorProbe& probe) {
        return probe.model == deployment.model && probe.streamed == streamed &&
               (own_door ? probe.zone == deployment.zone : probe.gateway.empty());
      });
      if (asked) continue;
      add_finding(verdict_, fmt::format("model {} in {}", deployment.model, deployment.zone),
                  fmt::format("It was not asked for at {} {}. Ask again.",
                              own_door ? "a front door of its zone" : "the region's front door",
                              streamed ? "as a stream" : "as a whole answer"));
    }
  }

  bool asked_at(std::string_view gateway) const {
    return is_among(facts_.probes, gateway, &FrontDoorProbe::gateway);
  }

  void want_doors() {
    for (const auto& gateway : place_.gateways) {
      if (gateway.address->url.empty() || asked_at(gateway.address->id)) continue;
      add_finding(verdict_, gateway.subject(), "Nothing was asked at its front door. Ask again.");
    }
    if (place_.region == nullptr || place_.region->url.empty() || asked_at("")) return;
    add_finding(
        verdict_, "region " + facts_.region,
        fmt::format("Nothing was asked at its front door {}. Ask again.", place_.region->url));
  }

  void tell() {
    verdict_.evidence.push_back(fmt::format(
        "Of {} probes {} were answered whole in the place and are in the ledger as they "
        "were answered.",
        facts_.probes.size(), equal_));
  }

  const OpeningFacts& facts_;
  GatedPlace place_;
  GateVerdict verdict_;
  std::size_t equal_ = 0;  // to their records
};

}  // namespace

GateVerdict gate_probes(const OpeningFacts& facts) { return ProbesJudge(facts).judge(); }

}  // namespace portolan::control
