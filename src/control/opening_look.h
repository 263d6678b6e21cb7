#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "control/control.h"
#include "control/front_door_probe.h"
#include "control/inspect_client.h"
#include "control/meter_client.h"
#include "control/opening_facts.h"
#include "control/opening_place.h"
#include "control/opening_plan.h"

namespace portolan::control {

// Collects what the gates of an opening judge: asks gateways and front doors, and drains zones of
// the place for a while.
//
// Before gates probes, refusals and loss are asked there have to be, beside the place itself and
// its closing Rule, the Org `opening`, the Scope opening_thing(name) and the Workspaces
// opening_thing(name) and opening_outsider(name), both with that scope.
//
// Lives on: control's shard.  Owner: the process's root task.
// Invariants: (1) texts of probing keys are in memory alone; (2) what it drains it lifts again,
// and nothing else; a control that died in between left a mark in the store, for end().
class OpeningLook {
 public:
  struct Parts {
    store::ControlStore& store;
    InspectClient& inspecting;
    MeterClient& meter;
    std::shared_ptr<const runtime::Credentials> public_trust;  // of https front doors
  };

  OpeningLook(runtime::Shard& shard, Control& control, Parts parts)
      : shard_(shard), control_(control), parts_(std::move(parts)) {}

  // What stands still: resources and numbers, the zones of the place and its neighbours. Errors:
  // resource_not_found when the place, or a neighbour that the opening names, is gone.
  Result<OpeningFacts> begin(const model::Opening& opening) const;

  // Adds what that gate judges. Looks around, parity, probes, refusals and drills are asked for
  // once in the life of `facts`, what gateways told last each time. What could not be had is told
  // by `why` in the facts. Errors: cancelled, and the reason of an outer deadline.
  runtime::Task<Status> add(OpeningFacts& facts, model::Gate gate);

  // To be called when no gate of that opening is asked any more, and before its first one is:
  // revokes the keys of its two workspaces, and lifts what a control that died has left drained.
  // Errors: those of the store; cancelled.
  runtime::Task<Status> end(std::string opening);

 private:
  struct ProbingKey {
    std::string id;
    std::string text;
    WallTime expires{};
    std::uint64_t keyring = 0;  // the first that has it
  };

  runtime::Task<Status> facts_for(OpeningFacts& facts, model::Gate gate);
  runtime::Task<Status> hear(OpeningFacts& facts);
  runtime::Task<Status> look_around(OpeningFacts& facts);
  runtime::Task<void> look_from(ZoneToAsk zone, OpeningFacts& facts);
  runtime::Task<GatewayLook> look_by(ZoneToAsk& zone, std::size_t at, bool engines);
  runtime::Task<Status> measure_parity(OpeningFacts& facts);
  runtime::Task<Status> probe(OpeningFacts& facts);
  runtime::Task<Status> probe_refusals(OpeningFacts& facts);
  runtime::Task<Status> drill(OpeningFacts& facts);

  runtime::Shard& shard_;
  Control& control_;
  Parts parts_;
  std::map<std::string, ProbingKey> keys_;  // by workspace
};

}  // namespace portolan::control
