#include "control/driver_lease.h"

#include "runtime/wait.h"

namespace portolan::control {

runtime::Task<Result<bool>> DriverLease::hold() {
  if (lease_ != 0) {
    const Status kept = co_await store_.keep_alive(lease_);
    if (kept) co_return true;
    if (kept.error().code != Code::resource_not_found) co_return kept.error();
    lease_ = 0;
  }
  store::RangeRequest request;
  request.prefix = key_;
  CO_TRY(const auto range, co_await store_.range(std::move(request)));
  if (!range.items.empty()) co_return false;
  auto taken = co_await take();
  co_return taken;
}

runtime::Task<Result<bool>> DriverLease::take() {
  CO_TRY(const auto lease, co_await store_.grant_lease(ttl_));
  store::Transaction transaction;
  transaction.compares.push_back({.key = key_, .mod_revision = 0});
  transaction.puts.push_back({.key = key_, .value = "", .lease = lease});
  const auto revision = co_await store_.commit(std::move(transaction));
  if (!revision && revision.error().code == Code::resource_conflict) co_return false;
  if (!revision) co_return revision.error();
  lease_ = lease;
  co_return true;
}

runtime::Task<bool> DriverLease::keep() {
  for (;;) {
    const Status slept = co_await runtime::sleep_for(shard_, ttl_ / 3);
    if (!slept) co_return false;
    if (lease_ == 0) continue;
    const Status kept = co_await store_.keep_alive(lease_);
    if (!kept && kept.error().code == Code::cancelled) co_return false;
  }
}

}  // namespace portolan::control
