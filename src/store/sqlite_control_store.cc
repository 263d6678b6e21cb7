#include "store/sqlite_control_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/combine.h"
#include "runtime/offload.h"
#include "runtime/wait.h"

namespace portolan::store {
namespace {

constexpr Duration lease_retry = Duration::seconds(1);  // of an end that the disk refused

}  // namespace

SqliteControlStore::SqliteControlStore(runtime::Shard& shard, ControlTable table)
    : shard_(shard),
      table_(std::move(table)),
      revision_(table_.revision()),
      turns_(shard),
      changed_(shard),
      lease_granted_(shard),
      background_(shard, 1) {}

runtime::Task<Result<std::unique_ptr<SqliteControlStore>>> SqliteControlStore::open(
    runtime::Shard& shard, Options options) {
  using Opened = Result<std::pair<ControlTable, std::map<std::uint64_t, Duration>>>;
  auto work = [given = std::move(options)]() -> Opened {
    TRY(auto table, ControlTable::open(given));
    TRY(auto leases, table.leases());
    return std::pair(std::move(table), std::move(leases));
  };
  auto offloaded = runtime::offload(shard, std::move(work));
  CO_TRY(auto opened, co_await offloaded);
  std::unique_ptr<SqliteControlStore> store(new SqliteControlStore(shard, std::move(opened.first)));
  for (const auto& [lease, ttl] : opened.second) {
    store->leases_[lease] = {ttl, shard.now() + ttl};
  }
  check(store->background_.start(store->end_leases()), "a new gate is open");
  co_return store;
}

void SqliteControlStore::set_revision(std::uint64_t revision) {
  if (revision == revision_) return;
  revision_ = revision;
  changed_.notify_all();
}

template <class T, class Work>
runtime::Task<Result<T>> SqliteControlStore::in_turn(Work work) {
  shard_.assert_here();
  CO_TRY_DO(co_await turns_.take());
  auto bound = [this, owned = std::move(work)]() mutable -> Result<T> { return owned(table_); };
  auto offloaded = runtime::offload(shard_, std::move(bound));
  Result<T> outcome = co_await offloaded;
  set_revision(table_.revision());
  turns_.end();
  co_return outcome;
}

runtime::Task<Result<Range>> SqliteControlStore::range(RangeRequest request) {
  auto work = [asked = std::move(request)](ControlTable& table) { return table.range(asked); };
  Result<Range> outcome = co_await in_turn<Range>(std::move(work));
  co_return outcome;
}

runtime::Task<Result<std::uint64_t>> SqliteControlStore::commit(Transaction transaction) {
  auto work = [wanted = std::move(transaction)](ControlTable& table) {
    return table.commit(wanted);
  };
  Result<std::uint64_t> outcome = co_await in_turn<std::uint64_t>(std::move(work));
  co_return outcome;
}

runtime::Task<Result<Changes>> SqliteControlStore::watch(WatchRequest request, Instant deadline) {
  auto waiting = next_changes(request);
  Result<Changes> changes = co_await runtime::until(shard_, deadline, std::move(waiting));
  if (!changes && changes.error().code == Code::deadline_exceeded) {
    changes = Changes{.items = {}, .next = request.from};
  }
  co_return changes;
}

runtime::Task<Result<Changes>> SqliteControlStore::next_changes(WatchRequest request) {
  for (;;) {
    while (revision_ < request.from) {
      CO_TRY_DO(co_await changed_.wait());
    }
    auto work = [asked = request](ControlTable& table) { return table.changes(asked); };
    CO_TRY(auto changes, co_await in_turn<Changes>(std::move(work)));
    if (!changes.items.empty()) co_return changes;
    request.from = changes.next;
  }
}

runtime::Task<Result<std::uint64_t>> SqliteControlStore::grant_lease(Duration ttl) {
  auto work = [ttl](ControlTable& table) { return table.add_lease(ttl); };
  CO_TRY(const auto lease, co_await in_turn<std::uint64_t>(std::move(work)));
  leases_[lease] = {ttl, shard_.now() + ttl};
  lease_granted_.notify_all();
  co_return lease;
}

Status SqliteControlStore::check_alive(std::uint64_t lease) const {
  const auto found = leases_.find(lease);
  if (found != leases_.end() && found->second.ends > shard_.now()) return {};
  return Fault{Code::resource_not_found, Retry::never, fmt::format("Lease {} has ended.", lease)};
}

runtime::Task<Status> SqliteControlStore::keep_alive(std::uint64_t lease) {
  CO_TRY_DO(check_alive(lease));
  auto& kept = leases_[lease];
  kept.ends = shard_.now() + kept.ttl;
  co_return Status{};
}

runtime::Task<Status> SqliteControlStore::revoke_lease(std::uint64_t lease) {
  CO_TRY_DO(check_alive(lease));
  auto work = [lease](ControlTable& table) { return table.end_lease(lease); };
  CO_TRY_DO(co_await in_turn<std::uint64_t>(std::move(work)));
  leases_.erase(lease);
  co_return Status{};
}

Instant SqliteControlStore::soonest_end() const {
  Instant soonest = Instant::never();
  for (const auto& [id, lease] : leases_) soonest = std::min(soonest, lease.ends);
  return soonest;
}

runtime::Task<Status> SqliteControlStore::lease_news() {
  Status told = co_await lease_granted_.wait();
  co_return told;
}

// Runs until close() cancels it.
runtime::Task<void> SqliteControlStore::end_leases() {
  for (;;) {
    const Instant soonest = soonest_end();
    auto news = lease_news();
    const Status told = co_await runtime::until(shard_, soonest, std::move(news));
    if (!told && told.error().code != Code::deadline_exceeded) co_return;
    for (auto lease = leases_.begin(); lease != leases_.end();) {
      if (lease->second.ends > shard_.now()) {
        ++lease;
        continue;
      }
      const auto id = lease->first;
      auto work = [id](ControlTable& table) { return table.end_lease(id); };
      const auto ended = co_await in_turn<std::uint64_t>(std::move(work));
      if (!ended && ended.error().code == Code::cancelled) co_return;
      // The map may have changed meanwhile; only an id still says which.
      lease = leases_.upper_bound(id);
      if (ended) {
        leases_.erase(id);
      } else {
        leases_[id].ends = shard_.now() + lease_retry;
      }
    }
  }
}

runtime::Task<Status> SqliteControlStore::begin_behind(std::uint64_t revision) {
  auto work = [revision](ControlTable& table) -> Result<std::uint64_t> {
    TRY_DO(table.begin_behind(revision));
    return table.revision();
  };
  CO_TRY_DO(co_await in_turn<std::uint64_t>(std::move(work)));
  co_return Status{};
}

runtime::Task<void> SqliteControlStore::close() { co_await background_.close(); }

}  // namespace portolan::store
