#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control/driver_lease.h"
#include "control/opening_book.h"
#include "control/opening_look.h"
#include "control/share_watch.h"
#include "store/turns.h"

namespace portolan::control {

inline constexpr Limit opening_gate_ms{"opening_gate_ms", 120'000,
                                       "after it a gate that is still red holds its opening"};
inline constexpr Limit opening_retry_ms{"opening_retry_ms", 5'000,
                                        "between two times that a red gate is asked"};
inline constexpr Limit opening_driver_ms{
    "opening_driver_ms", 15'000, "after it another control takes openings on whose driver is gone"};

// Takes openings from step to step: closed through all gates, then share by share. Whatever an
// operator changes meanwhile holds them; so does what a share does harm by.
//
// Lives on: control's shard.  Owner: the Openings.
// Invariants: (1) nobody else changes an opening here while its step has the turn; (2) a record
// says what is to be before it is made so, so that whoever takes it over makes it so again;
// (3) what is closed is closed by its rule, or drained until that is with every gateway.
class OpeningDriver {
 public:
  OpeningDriver(runtime::Shard& shard, Control& control, store::ControlStore& store,
                OpeningBook& book, OpeningLook& look)
      : shard_(shard),
        control_(control),
        book_(book),
        look_(look),
        lease_(shard, store, std::string(opening_driver_key), opening_driver_ms.milliseconds()),
        turns_(shard),
        told_(shard) {}

  // Until it is cancelled.
  runtime::Task<void> run();
  // There is something to do.
  void wake() { told_.notify_all(); }
  // For whoever else changes openings.
  store::Turns& turns() { return turns_; }

  // In a turn: ends there, closed by its rule. While another World is on its way, that is drained
  // until its rule can go out. Errors: those of the store.
  runtime::Task<Status> end_at(KeptOpening& kept, OpeningPhase phase, std::string why, Actor by);
  // In a turn: brings a closing to its end as far as it goes now.
  runtime::Task<Status> settle_closing(KeptOpening& kept);
  // The Opening of that record; where that is gone, as much of it as the record says.
  model::Opening opening_of(const OpeningRecord& record) const;
  bool is_stored(const OpeningRecord& record) const;
  // Its rule is gone from a place that is not to serve.
  bool is_left_open(const OpeningRecord& record) const;

 private:
  enum class Next : std::uint8_t { rest, again, ask };

  runtime::Task<bool> drive();
  runtime::Task<Status> wait_until(Instant when);
  runtime::Task<Status> wait_told();
  runtime::Task<Result<bool>> look_at_all();
  runtime::Task<Status> go_on(std::string name);
  runtime::Task<Result<Next>> step(std::string name);
  runtime::Task<Result<Next>> step_in_turn(KeptOpening& kept);
  runtime::Task<Result<Next>> step_closed(KeptOpening& kept);

  // In opening_steps.cc, a phase each.
  runtime::Task<Result<Next>> step_applying(KeptOpening& kept);
  runtime::Task<Result<Next>> step_gates(KeptOpening& kept);
  runtime::Task<Result<Next>> ask_next(KeptOpening& kept, GateRecord& gate);
  runtime::Task<Result<Next>> begin_share(KeptOpening& kept, std::uint32_t percent);
  runtime::Task<Status> ask(std::string name);
  runtime::Task<Status> ask_gate(KeptOpening& kept, model::Gate gate);
  runtime::Task<Status> conclude(std::string name, std::uint64_t revision, GateRecord asked);
  runtime::Task<Status> conclude_in_turn(KeptOpening& kept, GateRecord asked);

  // In opening_shares.cc.
  runtime::Task<Result<Next>> step_sharing(KeptOpening& kept);
  runtime::Task<Result<Next>> bring_share(KeptOpening& kept);
  runtime::Task<Result<Next>> judge(KeptOpening& kept);
  runtime::Task<Result<Next>> end_share(KeptOpening& kept, std::string verdict);
  runtime::Task<Result<Next>> step_between(KeptOpening& kept);
  runtime::Task<Result<Next>> serve_all(KeptOpening& kept);

  // What is not as it has to be for that record; empty: all is.
  std::string amiss(const OpeningRecord& record) const;
  std::string went_back(const OpeningRecord& record) const;
  runtime::Task<Result<Next>> hold(KeptOpening& kept, std::string why);
  runtime::Task<Status> apply(std::string name, std::vector<world::Resource> resources, Actor by);

  // In opening_ends.cc.
  runtime::Task<Result<bool>> close_by_rule(KeptOpening& kept);
  bool all_hold_newest() const;
  runtime::Task<Status> drain(std::string place);
  runtime::Task<Status> lift(std::string place);

  runtime::Shard& shard_;
  Control& control_;
  OpeningBook& book_;
  OpeningLook& look_;
  DriverLease lease_;
  store::Turns turns_;
  runtime::Event told_;
  std::map<std::string, OpeningFacts> facts_;  // of openings whose gates are being asked
  std::map<std::string, ShareWatch> watches_;
};

// The zone or region that is opened.
const std::string& place_of(const OpeningRecord& record);

}  // namespace portolan::control
