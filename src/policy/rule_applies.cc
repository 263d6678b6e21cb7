#include "policy/rule_applies.h"

#include <algorithm>

namespace portolan::policy {

bool labels_meet(const model::Labels& asked, const model::Labels& held) {
  return std::ranges::all_of(asked, [&](const auto& label) {
    const auto found = held.find(label.first);
    return found == held.end() || found->second == label.second;
  });
}

bool rule_applies(const model::Rule& rule, const model::Labels& weights,
                  const model::Labels& data) {
  return labels_meet(rule.weights, weights) && labels_meet(rule.data, data);
}

bool rule_in_force(const model::Rule& rule, WallTime now) {
  return rule.from <= now && now < rule.until;
}

}  // namespace portolan::policy
