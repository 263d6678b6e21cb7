#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/time.h"
#include "model/restrictions.h"
#include "model/world.h"

namespace portolan::policy {

inline constexpr Limit price_move_percent_max{
    "price_move_percent_max", 20, "by which one change moves a price unless somebody means it"};

// What stands in a network at one moment.
struct Standing {
  const model::World& world;
  const std::vector<model::Org>& orgs;
  const std::vector<model::Workspace>& workspaces;
};

// Why a change is not to go out before somebody has said that it is meant.
struct Objection {
  std::string_view rule;  // "set emptied", "much gone", "rule loosened", "price moved", "too fast"
  std::string sentence;
};

// What a change does that large outages began with:
//
// - a set that had members has none: a generated list came out empty, a policy
//   arrived with blank fields; the zones too in which a workspace may run a model
//   are such a set, today and at any date to come;
// - of engines, gateways, models or prices more than a tenth is gone, and more than one;
// - a price moves by more than a fifth, today or at any date to come;
// - a rule about weights or data, as it is in force at some date from `now` on,
//   leaves a zone to a model or workspace that it did not leave to it before,
//   whether the rule itself was changed or a label or country that it reads.
//
// Only what stands in both is compared: something new loosens nothing.
std::vector<Objection> guard_change(const Standing& before, const Standing& after, WallTime now);

// Why Restrictions would take more than somebody may have meant: a scope that had
// a zone to serve in has none, or more than half of the network's zones are
// drained or denied, and were not before.
std::vector<Objection> guard_restrictions(const model::World& world,
                                          const model::Restrictions& before,
                                          const model::Restrictions& after);

}  // namespace portolan::policy
