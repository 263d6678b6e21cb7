#include "policy/rule_dates.h"

#include <cstdint>

namespace portolan::policy {

std::set<WallTime> rule_dates(const Standing& before, const Standing& after, WallTime now) {
  std::set<WallTime> dates{now};
  for (const model::World* world : {&before.world, &after.world}) {
    for (const model::Rule& rule : world->network().rules) {
      if (rule.from > now) dates.insert(rule.from);
      if (rule.until > now && rule.until != WallTime{INT64_MAX}) dates.insert(rule.until);
    }
  }
  return dates;
}

}  // namespace portolan::policy
