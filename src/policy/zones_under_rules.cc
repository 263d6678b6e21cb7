#include "policy/zones_under_rules.h"

#include "policy/rule_applies.h"
#include "policy/zones_of_places.h"

namespace portolan::policy {
namespace {

bool binds(const model::Rule& rule, const RuleSubject& subject) {
  if (!rule_in_force(rule, subject.now)) return false;
  if (!subject.weights) return rule.weights.empty() && labels_meet(rule.data, subject.data);
  return rule_applies(rule, *subject.weights, subject.data);
}

}  // namespace

model::ZoneMask zones_under_rule(const model::World& world, const model::Rule& rule) {
  const model::ZoneMask places = zones_of_places(world, rule.places, rule.kind);
  switch (rule.kind) {
    case model::Rule::Kind::deny:
      return model::ZoneMask::all(world.zone_count()) - places;
    case model::Rule::Kind::require:
      return places;
  }
  return model::ZoneMask::none();
}

model::ZoneMask zones_under_rules(const model::World& world, const RuleSubject& subject) {
  model::ZoneMask zones = model::ZoneMask::all(world.zone_count());
  for (const model::Rule& rule : world.network().rules) {
    if (binds(rule, subject)) zones &= zones_under_rule(world, rule);
  }
  return zones;
}

std::vector<std::string> rules_against(const model::World& world, const RuleSubject& subject,
                                       const model::ZoneMask& wanted) {
  std::vector<std::string> names;
  for (const model::Rule& rule : world.network().rules) {
    if (binds(rule, subject) && !(wanted - zones_under_rule(world, rule)).empty()) {
      names.push_back(rule.name);
    }
  }
  return names;
}

}  // namespace portolan::policy
