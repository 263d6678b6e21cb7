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
#include "control/opening_plan.h"

namespace portolan::control {

// Collects what the gates of an opening judge: asks gateways and front doors, and drains zones of
// the place for a while.
//
// Before gates probes, refusals and loss are asked there have to be, beside the place itself, what
// opening_closing.h makes of the Opening: Rule, Scope, Org and both Workspaces.
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
  // by `why` in the facts. Errors: cancelled, and the reason of an outer deadline; store_failed,
  // disk_full, disk_failed.
  runtime::Task<Status> add(OpeningFacts& facts, model::Gate gate);

  // To be called when no gate of that opening is asked any more, and before its first one is:
  // revokes the keys of its two workspaces, and lifts what a control that died has left drained.
  // Errors: those of the store; cancelled.
  runtime::Task<Status> end(std::string opening);

 private:
  struct ProbingKey {
    std::string id{};
    std::string text{};
    WallTime expires{};
    std::uint64_t keyring = 0;  // the first that has it
  };
  // What gateways of some zones have to hold at least.
  struct Told {
    std::vector<std::string> zones{};
    std::uint64_t keyring = 0;
    std::uint64_t restrictions = 0;
  };

  runtime::Task<Status> facts_for(OpeningFacts& facts, model::Gate gate);
  runtime::Task<Status> hear(OpeningFacts& facts);
  runtime::Task<Status> look_around(OpeningFacts& facts);
  runtime::Task<void> look_from(ZoneToAsk zone, OpeningFacts& facts);
  runtime::Task<Result<Inspected>> inspect(InspectedGateway& gateway,
                                           world::InspectionRequest& question);
  runtime::Task<GatewayLook> look_by(ZoneToAsk& zone, std::size_t at, bool engines);
  runtime::Task<Status> measure_parity(OpeningFacts& facts);

  runtime::Task<Result<ProbingKey>> key_of(std::string workspace, std::string opening);
  // Gateways that are heard of and do not hold it after opening_told_ms_max. Errors: cancelled.
  runtime::Task<Result<std::vector<std::string>>> await_told(Told told);
  std::vector<std::string> not_told(const Told& told) const;
  // Whether that Fault is none of the place.
  static bool ends_look(const Fault& fault);

  runtime::Task<Status> probe(OpeningFacts& facts);
  runtime::Task<Status> ask_doors(std::vector<FrontDoorQuestion>& questions,
                                  std::vector<FrontDoorProbe>& probes);
  runtime::Task<void> ask_door(FrontDoorQuestion& question, FrontDoorProbe& probe,
                               Instant deadline);
  runtime::Task<Status> read_records(std::vector<FrontDoorProbe>& probes);
  // False: the ledger cannot be asked.
  runtime::Task<bool> read_record(FrontDoorProbe& probe);

  runtime::Task<Status> probe_refusals(OpeningFacts& facts);
  runtime::Task<Status> ask_refusals(OpeningFacts& facts, std::vector<RefusalToAsk>& asked);

  runtime::Task<Status> drill(OpeningFacts& facts);
  runtime::Task<Result<LossDrill>> drill_zone(OpeningFacts& facts, std::string zone,
                                              std::string key);
  runtime::Task<Status> probe_without(OpeningFacts& facts, std::vector<FrontDoorQuestion>& asked,
                                      LossDrill& drill);
  runtime::Task<Status> mark(std::string zone, std::string opening);
  runtime::Task<Status> unmark(std::string zone);
  runtime::Task<Status> drain(std::string zone, OpeningFacts& facts);
  runtime::Task<Status> lift(std::string zone, std::string opening);
  runtime::Task<Status> lift_once(std::string zone, std::string opening);
  runtime::Task<Status> lift_now(std::string zone, std::string opening);
  runtime::Task<Status> lift_left(std::string opening);

  runtime::Shard& shard_;
  Control& control_;
  Parts parts_;
  std::map<std::string, ProbingKey> keys_;  // by workspace
};

// Who acts for an opening, as the audit log tells it.
Actor actor_of(const std::string& opening);

}  // namespace portolan::control
