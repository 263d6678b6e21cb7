#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "control/gate_place.h"

namespace portolan::control {
namespace {

class LossJudge {
 public:
  explicit LossJudge(const OpeningFacts& facts) : facts_(facts), place_(gated_place(facts)) {}

  GateVerdict judge() {
    const bool whole_region = facts_.opening.zone.empty();
    if (whole_region && place_.zones.size() < 2) {
      add_finding(
          verdict_, "region " + facts_.region,
          "It has one zone, whose loss is the region's. Open it with two, or skip this gate "
          "with a reason if that is meant.");
      return std::move(verdict_);
    }
    for (const auto* zone : place_.zones) judge_zone(zone->name);
    return std::move(verdict_);
  }

 private:
  void judge_zone(const std::string& zone) {
    const std::string subject = "zone " + zone;
    const auto drill = std::ranges::find(facts_.drills, zone, &LossDrill::zone);
    if (drill == facts_.drills.end()) {
      add_finding(verdict_, subject, "It was not drained for a trial. Ask again.");
      return;
    }
    if (!drill->why.empty()) {
      add_finding(verdict_, subject,
                  fmt::format("Its loss could not be tried: {}. See to that, and ask again.",
                              clause(drill->why)));
    } else if (drill->probes.empty()) {
      add_finding(verdict_, subject,
                  "Nothing was asked while it was drained. Ask again, with a front door that is "
                  "left.");
    }
    for (const auto& probe : drill->probes) judge_probe(zone, probe);
    if (!drill->lifted_why.empty()) {
      add_finding(
          verdict_, subject,
          fmt::format("It may still be drained: {}. Lift it by 'portolan restrict lift drain {}'.",
                      clause(drill->lifted_why), zone));
    }
    tell(*drill);
  }

  void judge_probe(const std::string& lost, const FrontDoorProbe& probe) {
    const auto add = [&](std::string sentence) {
      add_finding(verdict_, fmt::format("{} with zone {} lost", probe_subject(probe), lost),
                  std::move(sentence));
    };
    const std::string failure = failure_of(probe);
    if (!failure.empty()) {
      add(fmt::format(
          "It was not answered: {}. Give the other zones engines of this model, and see "
          "that their gateways reach each other.",
          failure));
    } else if (probe.computed_in == lost) {
      add("It was computed in the zone that was drained. Look whether that zone's gateways hear of "
          "restrictions.");
    } else if (!may_answer(probe.computed_in)) {
      add(
          fmt::format("It was computed in '{}', which is no zone of the region and no neighbour. "
                      "Give the other zones engines of this model.",
                      probe.computed_in));
    }
  }

  bool may_answer(std::string_view zone) const {
    const auto of_region = [&](const model::Zone* known) {
      return known->name == zone && known->region == facts_.region;
    };
    return place_.has_zone(zone) || std::ranges::any_of(place_.elsewhere, of_region) ||
           is_among(facts_.neighbours, zone);
  }

  void tell(const LossDrill& drill) {
    std::vector<std::string> zones;
    for (const auto& probe : drill.probes) {
      if (!failure_of(probe).empty() || is_among(zones, probe.computed_in)) continue;
      zones.push_back(probe.computed_in);
    }
    verdict_.evidence.push_back(fmt::format(
        "With zone {} drained {} probes were sent; {}.", drill.zone, drill.probes.size(),
        zones.empty() ? "none was answered" : "answers came from " + some_of(zones)));
  }

  const OpeningFacts& facts_;
  GatedPlace place_;
  GateVerdict verdict_;
};

}  // namespace

GateVerdict gate_loss(const OpeningFacts& facts) { return LossJudge(facts).judge(); }

}  // namespace portolan::control
