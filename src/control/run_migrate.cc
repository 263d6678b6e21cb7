#include "control/run_migrate.h"

#include <utility>

#include "runtime/combine.h"

namespace portolan::control {
namespace {

runtime::Task<Status> stopped(runtime::Event& stop) {
  const Status told = co_await stop.wait();
  co_return told;
}

// The stores are closed where nothing is cancelled.
template <class T>
runtime::Task<Result<T>> unless(runtime::Event& stop, runtime::Task<Result<T>> work) {
  auto waiting = stopped(stop);
  auto raced = co_await runtime::race(std::move(work), std::move(waiting));
  co_return std::move(*raced.first);
}

runtime::Task<Result<Migrated>> migrate_from(runtime::Shard& shard, store::ControlStore& source,
                                             MigrateOptions options, MigrateProgress progress,
                                             runtime::Event& stop) {
  auto reading = survey_source(shard, source, options.order, progress);
  CO_TRY(auto survey, co_await unless(stop, std::move(reading)));
  const auto network = options.order.network;
  CO_TRY(auto target, co_await open_for_move(shard, options.target, network, StoreSide::target));
  auto moving =
      migrate_store(shard, source, std::move(survey), *target, options.order, std::move(progress));
  auto migrated = co_await unless(stop, std::move(moving));
  co_await target->close();
  co_return migrated;
}

}  // namespace

runtime::Task<Result<Migrated>> run_migrate(runtime::Shard& shard, MigrateOptions options,
                                            MigrateProgress progress, runtime::Event& stop) {
  const auto network = options.order.network;
  CO_TRY(auto source, co_await open_for_move(shard, options.source, network, StoreSide::source));
  auto migrated =
      co_await migrate_from(shard, *source, std::move(options), std::move(progress), stop);
  co_await source->close();
  co_return migrated;
}

}  // namespace portolan::control
