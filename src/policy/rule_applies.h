#pragma once

#include "base/time.h"
#include "model/resources.h"

namespace portolan::policy {

// Every label that is asked has that value or is missing. What nobody classified
// is treated as the worst case, so that forgetting a label never permits.
bool labels_meet(const model::Labels& asked, const model::Labels& held);

// Is a model with these labels, working on data with those, the rule's subject?
// Asks nothing about the date. A rule that asks nothing is about everything.
bool rule_applies(const model::Rule& rule, const model::Labels& weights, const model::Labels& data);

// `from` is inclusive and `until` exclusive, so that of two rules which follow
// each other exactly one is in force at any time.
bool rule_in_force(const model::Rule& rule, WallTime now);

}  // namespace portolan::policy
