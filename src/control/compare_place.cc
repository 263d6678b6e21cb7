#include "control/compare_place.h"

#include <algorithm>
#include <set>
#include <utility>

namespace portolan::control {
namespace {

// What gateways of these zones saw, as golden prompts would have it.
std::vector<GoldenZone> voices_of(const OpeningFacts& facts, const std::set<std::string>& zones) {
  std::vector<GoldenZone> voices;
  for (const auto& look : facts.looks) {
    if (!look.found || !zones.contains(look.zone)) continue;
    voices.push_back({.zone = look.zone,
                      .gateway = look.gateway,
                      .asked = facts.now,
                      .why = {},
                      .engines = look.found->said.engines});
  }
  return voices;
}

std::set<std::string> models_heard(const std::vector<GoldenZone>& voices) {
  std::set<std::string> models;
  for (const auto& voice : voices) {
    for (const auto& engine : voice.engines) models.insert(engine.model);
  }
  return models;
}

bool is_output(const GoldenFinding& finding) { return finding.fact.starts_with("output of "); }

std::set<std::string> names_of(const std::vector<const model::Zone*>& zones) {
  std::set<std::string> names;
  for (const auto* zone : zones) names.insert(zone->name);
  return names;
}

// Numerics of another kind of machine make other outputs: with nobody to be odd against, they say
// nothing. What could not be looked at is no comparison.
bool counts(const GoldenFinding& finding) {
  if (finding.kind == GoldenKind::unheard && finding.fact == "inspection") return false;
  return finding.kind != GoldenKind::split || !is_output(finding);
}

class Comparison {
 public:
  void add(const std::string& model, const GoldenFinding& finding) {
    if (!counts(finding)) return;
    if (is_among(seen_, finding)) return;
    seen_.push_back(finding);
    const bool alone =
        finding.kind == GoldenKind::contradicts || finding.kind == GoldenKind::unheard;
    for (auto& other : found_) {
      const bool same = other.zone == finding.zone && other.engine == finding.engine;
      if (!same || alone || other.first.kind != finding.kind) continue;
      ++other.more;
      return;
    }
    found_.push_back({finding.zone, finding.engine, model, finding, 0});
  }

  std::vector<PlaceFinding> take() { return std::move(found_); }

 private:
  std::vector<PlaceFinding> found_;
  std::vector<GoldenFinding> seen_;  // two gateways of a zone may have looked at one engine
};

}  // namespace

std::vector<PlaceFinding> compare_place(const OpeningFacts& facts, const GatedPlace& place) {
  const auto elsewhere = names_of(place.elsewhere);
  const auto here = names_of(place.zones);
  const auto known_elsewhere = models_heard(voices_of(facts, elsewhere));
  Comparison comparison;
  // `judged`: the zones whose findings count.
  const auto compare = [&](std::set<std::string> zones, const std::set<std::string>& judged,
                           auto counts_of) {
    zones.insert(judged.begin(), judged.end());
    for (const auto& model : compare_golden(voices_of(facts, zones))) {
      for (const auto& finding : model.findings) {
        const bool known = known_elsewhere.contains(model.model);
        if (judged.contains(finding.zone) && counts_of(finding, known)) {
          comparison.add(model.model, finding);
        }
      }
    }
  };
  for (const auto& zone : here) {
    compare(elsewhere, {zone}, [](const GoldenFinding&, bool known) { return known; });
  }
  compare({}, here, [](const GoldenFinding&, bool known) { return !known; });
  compare(elsewhere, here, [](const GoldenFinding& finding, bool) {
    return finding.kind == GoldenKind::odd && is_output(finding);
  });
  return comparison.take();
}

}  // namespace portolan::control
