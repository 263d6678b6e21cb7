#include "policy/loosened_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "policy/rule_dates.h"
#include "policy/sentence.h"
#include "policy/zones_under_rules.h"

namespace portolan::policy {
namespace {

// A model or workspace that stands in both networks, by the labels it has in each.
struct Subject {
  const model::Labels* before = nullptr;  // null: no weights, as at an entry
  const model::Labels* after = nullptr;
  std::string name;
};

// One for each way of being labelled: rules tell no others apart.
template <class Resource>
std::vector<Subject> subjects(const std::vector<Resource>& before,
                              const std::vector<Resource>& after) {
  std::map<std::string_view, const Resource*> kept;
  for (const Resource& resource : after) kept.emplace(resource.name, &resource);
  std::set<std::pair<model::Labels, model::Labels>> seen;
  std::vector<Subject> all;
  for (const Resource& old : before) {
    const auto now = kept.find(old.name);
    if (now == kept.end() || !seen.emplace(old.labels, now->second->labels).second) continue;
    all.push_back({&old.labels, &now->second->labels, old.name});
  }
  return all;
}

class Comparison {
 public:
  Comparison(const Standing& before, const Standing& after, WallTime now)
      : before_(before.world), after_(after.world), now_(now) {
    for (std::size_t i = 0; i < before_.zone_count(); ++i) {
      const ZoneIndex old{static_cast<std::uint16_t>(i)};
      if (const auto kept = after_.find_zone(before_.zone(old).name)) kept_.push_back({old, *kept});
    }
  }

  void compare(const Subject& weights, const Subject& data, WallTime date) {
    const RuleSubject old_subject{weights.before, *data.before, date};
    const auto old_zones = zones_under_rules(before_, old_subject);
    const auto new_zones = zones_under_rules(after_, {weights.after, *data.after, date});
    for (const auto& [old, kept] : kept_) {
      if (old_zones.contains(old) || !new_zones.contains(kept)) continue;
      model::ZoneMask zone;
      zone.add(old);
      for (const std::string& rule : rules_against(before_, old_subject, zone)) {
        note(rule, weights, data, before_.zone(old).name, date);
      }
    }
  }

  std::vector<std::string> sentences() const {
    std::vector<std::string> all;
    for (const auto& [rule, sentence] : sentences_) all.push_back(sentence);
    return all;
  }

 private:
  // The first one found stands for a rule's others.
  void note(const std::string& rule, const Subject& weights, const Subject& data,
            const std::string& zone, WallTime date) {
    if (sentences_.contains(rule)) return;
    const std::string what =
        weights.before == nullptr
            ? fmt::format("data of workspace '{}'", data.name)
            : fmt::format("model '{}' for workspace '{}'", weights.name, data.name);
    sentences_[rule] = fmt::format("Rule '{}' keeps {} out of zone '{}', and would not any more{}.",
                                   rule, what, zone, since(date, now_));
  }

  const model::World& before_;
  const model::World& after_;
  WallTime now_;
  std::vector<std::pair<ZoneIndex, ZoneIndex>> kept_;
  std::map<std::string, std::string> sentences_;  // by rule
};

}  // namespace

std::vector<std::string> loosened_rules(const Standing& before, const Standing& after,
                                        WallTime now) {
  auto weights = subjects(before.world.network().models, after.world.network().models);
  weights.push_back({});
  const auto data = subjects(before.workspaces, after.workspaces);
  Comparison comparison(before, after, now);
  for (const WallTime date : rule_dates(before, after, now)) {
    for (const Subject& held : data) {
      for (const Subject& computed : weights) comparison.compare(computed, held, date);
    }
  }
  return comparison.sentences();
}

}  // namespace portolan::policy
