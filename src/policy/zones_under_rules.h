#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "model/world.h"

namespace portolan::policy {

// The zones that one rule leaves to its subject.
model::ZoneMask zones_under_rule(const model::World& world, const model::Rule& rule);

// What the rules are asked about, and when.
struct RuleSubject {
  // Null where no weights are, as at an entry: then only rules that ask nothing
  // of weights apply.
  const model::Labels* weights;
  const model::Labels& data;
  WallTime now;
};

// The zones that all rules in force leave to the subject, straight from the
// World. MaskTables answers the same for workspaces of the Keyring at once; this
// is for labels that come from elsewhere, as an envelope's do.
model::ZoneMask zones_under_rules(const model::World& world, const RuleSubject& subject);

// The names of the rules in force that take a zone of `wanted` from the subject,
// for the sentence that refuses it.
std::vector<std::string> rules_against(const model::World& world, const RuleSubject& subject,
                                       const model::ZoneMask& wanted);

}  // namespace portolan::policy
