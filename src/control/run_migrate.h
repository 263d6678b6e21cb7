#pragma once

#include "control/migrate.h"
#include "control/open_store.h"
#include "runtime/event.h"

namespace portolan::control {

struct MigrateOptions {
  MigrateOrder order;
  StorePlace source;
  StorePlace target;
};

// The whole of 'portolan store migrate': opens both, moves, closes. The target is
// not touched before the source was read to its end. Where `stop` is notified the
// work is cancelled, unless all that is left is to hand over.
runtime::Task<Result<Migrated>> run_migrate(runtime::Shard& shard, MigrateOptions options,
                                            MigrateProgress progress, runtime::Event& stop);

}  // namespace portolan::control
