#pragma once

#include "runtime/event.h"
#include "runtime/signals.h"
#include "runtime/task.h"

namespace portolan::app {

// Notifies `stop` when a signal comes, and again until it is cancelled: the
// signal may come before anybody waits.
runtime::Task<void> stop_on_signal(runtime::EpollShard& shard, runtime::Signals& signals,
                                   runtime::Event& stop);

}  // namespace portolan::app
