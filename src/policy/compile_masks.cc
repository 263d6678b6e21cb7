#include "policy/compile_masks.h"

#include <algorithm>
#include <limits>
#include <map>

#include "policy/rule_applies.h"
#include "policy/zones_under_rules.h"

namespace portolan::policy {
namespace {

using model::ZoneMask;

// Which rules, by position, have one side of their subject met.
using Met = std::vector<bool>;

// Subjects with equal Met, numbered in the order they appear.
struct Classes {
  std::vector<std::uint32_t> of;  // by position of the subject
  std::vector<Met> met;           // by class
};

template <class Subjects>
Classes classify(const std::vector<model::Rule>& rules, const Subjects& subjects,
                 model::Labels model::Rule::* side) {
  Classes classes;
  std::map<Met, std::uint32_t> numbers;
  for (const auto& subject : subjects) {
    Met met;
    met.reserve(rules.size());
    for (const model::Rule& rule : rules) met.push_back(labels_meet(rule.*side, subject.labels));
    const auto number = static_cast<std::uint32_t>(classes.met.size());
    const auto [known, added] = numbers.emplace(std::move(met), number);
    if (added) classes.met.push_back(known->first);
    classes.of.push_back(known->second);
  }
  return classes;
}

std::vector<WallTime> dates_of(const std::vector<model::Rule>& rules) {
  constexpr WallTime forever{std::numeric_limits<std::int64_t>::max()};
  std::vector<WallTime> dates{WallTime{std::numeric_limits<std::int64_t>::min()}};
  for (const model::Rule& rule : rules) {
    dates.push_back(rule.from);
    if (rule.until != forever) dates.push_back(rule.until);
  }
  std::ranges::sort(dates);
  dates.erase(std::ranges::unique(dates).begin(), dates.end());
  return dates;
}

// The rules of one interval and what each leaves.
struct Force {
  std::size_t rule;
  const ZoneMask* zones;
};

ZoneMask zones_left(ZoneMask zones, const std::vector<Force>& forces, auto&& about) {
  for (const Force& force : forces) {
    if (about(force.rule)) zones &= *force.zones;
  }
  return zones;
}

}  // namespace

model::MaskTables compile_masks(const model::World& world, const model::Keyring& keyring) {
  const auto& rules = world.network().rules;
  const Classes data = classify(rules, keyring.workspaces(), &model::Rule::data);
  const Classes weights = classify(rules, world.network().models, &model::Rule::weights);
  const ZoneMask all = ZoneMask::all(world.zone_count());
  std::vector<ZoneMask> left;
  left.reserve(rules.size());
  for (const model::Rule& rule : rules) left.push_back(zones_under_rule(world, rule));

  model::MaskTables tables;
  tables.world_hash = world.hash();
  tables.world = world.version();
  tables.workspaces = keyring.workspaces_version();
  tables.policy_class = data.of;
  tables.weights_class = weights.of;
  tables.weights_classes = static_cast<std::uint32_t>(weights.met.size());
  for (const WallTime from : dates_of(rules)) {
    std::vector<Force> forces;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (rule_in_force(rules[i], from)) forces.push_back({i, &left[i]});
    }
    auto& interval = tables.intervals.emplace_back(from);
    interval.masks.reserve(data.met.size() * weights.met.size());
    for (const Met& by_data : data.met) {
      interval.data_masks.push_back(zones_left(all, forces, [&](std::size_t rule) {
        return by_data[rule] && rules[rule].weights.empty();
      }));
      for (const Met& by_weights : weights.met) {
        interval.masks.push_back(zones_left(
            all, forces, [&](std::size_t rule) { return by_data[rule] && by_weights[rule]; }));
      }
    }
  }
  return tables;
}

}  // namespace portolan::policy
