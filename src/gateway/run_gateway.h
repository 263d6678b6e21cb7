#pragma once

#include "gateway/options.h"
#include "runtime/event.h"
#include "runtime/shard.h"
#include "runtime/task.h"

namespace portolan::gateway {

// A whole gateway process: reads what its disk has, listens, follows control,
// serves until `stop` is notified, then drains. Errors: what kept it from
// starting.
runtime::Task<Status> run_gateway(runtime::Shard& shard, Options& options, runtime::Event& stop);

}  // namespace portolan::gateway
