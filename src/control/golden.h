#pragma once

#include <string>
#include <vector>

#include "control/control.h"
#include "control/golden_record.h"
#include "control/inspect_client.h"
#include "runtime/event.h"

namespace portolan::control {

// Has every zone answer the golden prompts once a day, and when an operator asks for it, and keeps
// what it said last in the store beside the State. Of several controls on one store one runs them:
// who writes first that a run has begun.
//
// Lives on: control's shard.  Owner: the process's root task.
class Golden {
 public:
  Golden(runtime::Shard& shard, Control& control, store::ControlStore& store, InspectClient& client)
      : shard_(shard), control_(control), store_(store), client_(client), wished_(shard) {}

  // Until it is cancelled.
  runtime::Task<void> run_daily();

  // A run begins as soon as possible, if none goes on. Errors: resource_not_found without a World.
  Status wish_run(std::string by);
  bool is_wished() const { return !wisher_.empty(); }

  // As it stands in the store. Errors: those of the store.
  runtime::Task<Result<GoldenRecord>> record();

 private:
  runtime::Task<Result<GoldenRecord>> read(std::string prefix);
  runtime::Task<Status> wait_for_turn();
  runtime::Task<Status> wait_for_wish();
  runtime::Task<Result<bool>> begin(std::string by);
  runtime::Task<Status> run_once(std::string by);
  runtime::Task<Status> ask_all();
  runtime::Task<void> ask_next(std::vector<model::Zone>& zones, std::size_t& next, Status& kept);
  static runtime::Task<void> within(runtime::CancelScope& scope, runtime::Task<void> part);
  runtime::Task<GoldenZone> ask_zone(model::Zone zone);
  runtime::Task<Status> keep(GoldenZone zone);
  runtime::Task<Status> forget_gone(GoldenRecord record);
  std::vector<std::string> models_in(const std::string& zone) const;

  runtime::Shard& shard_;
  Control& control_;
  store::ControlStore& store_;
  InspectClient& client_;
  runtime::Event wished_;
  std::string wisher_;  // whose wish is to be fulfilled; empty: nobody's
  GoldenRun run_;       // that goes on here
  std::uint64_t run_revision_ = 0;
};

inline constexpr Limit golden_zones_at_once_max{"golden_zones_at_once_max", 16,
                                                "that one run asks"};
inline constexpr Limit golden_zone_ms_max{"golden_zone_ms_max", 240'000,
                                          "for the engines of one zone to answer the prompts"};

}  // namespace portolan::control
