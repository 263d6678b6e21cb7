#pragma once

#include <set>

#include "base/time.h"
#include "policy/guard_change.h"

namespace portolan::policy {

// `now`, and every later date at which a rule of either begins or ends: between
// two of them neither answers otherwise.
std::set<WallTime> rule_dates(const Standing& before, const Standing& after, WallTime now);

}  // namespace portolan::policy
