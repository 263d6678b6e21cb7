#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/live_table.h"
#include "cli/up_plan.h"
#include "cli/up_supervisor.h"
#include "http/client.h"

namespace portolan::cli {

// Asks every gateway of a plan how it is.
//
// Lives on: one shard.  Owner: run_up.  close() is awaited before it is destroyed.
class Watch {
 public:
  Watch(runtime::Shard& shard, const Plan& plan, const Supervisor& supervisor);

  // One round, all at once; returns within about a second.
  runtime::Task<void> ask_all();
  // The same for those that are not well yet: on a busy machine every question
  // takes time from what is being started.
  runtime::Task<void> ask_missing();
  runtime::Task<void> close();

  // In the order of the plan's zones.
  std::vector<ZoneRow> rows() const;
  bool all_well() const;
  // "3 of 6 zones: eu-central-1a (no World yet), ...": those that are not well.
  std::string describe_missing() const;

 private:
  struct Watched {
    const ZonePlan* zone = nullptr;
    std::unique_ptr<http::Pool> pool;
    SamplePair samples;
    Instant asked;
  };

  runtime::Task<void> ask_some(bool well_ones_too);
  runtime::Task<void> ask(Watched& watched);
  ZoneRow row_of(const Watched& watched) const;

  runtime::Shard& shard_;
  const Supervisor& supervisor_;
  std::vector<Watched> watched_;
};

}  // namespace portolan::cli
