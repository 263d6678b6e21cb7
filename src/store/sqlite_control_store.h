#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "runtime/event.h"
#include "runtime/gate.h"
#include "runtime/shard.h"
#include "store/control_store.h"
#include "store/control_table.h"
#include "store/turns.h"

namespace portolan::store {

// A ControlStore in one SQLite file, for one control process.
//
// Lives on: one shard; the file is touched by one offloaded piece of work at a
// time.  Owner: the process's root task.
// Invariants: (1) `table_` belongs to whoever has the turn; (2) revision_ is what
// the last ended commit left.
class SqliteControlStore final : public ControlStore {
 public:
  using Options = ControlTable::Options;
  // Errors: as SqliteDatabase::open.
  static runtime::Task<Result<std::unique_ptr<SqliteControlStore>>> open(runtime::Shard& shard,
                                                                         Options options);

  runtime::Task<Result<Range>> range(RangeRequest request) override;
  runtime::Task<Result<std::uint64_t>> commit(Transaction transaction) override;
  runtime::Task<Result<Changes>> watch(WatchRequest request, Instant deadline) override;
  runtime::Task<Result<std::uint64_t>> grant_lease(Duration ttl) override;
  runtime::Task<Status> keep_alive(std::uint64_t lease) override;
  runtime::Task<Status> revoke_lease(std::uint64_t lease) override;
  runtime::Task<Status> begin_behind(std::uint64_t revision) override;
  runtime::Task<void> close() override;

 private:
  struct Lease {
    Duration ttl;
    Instant ends;
  };
  SqliteControlStore(runtime::Shard& shard, ControlTable table);

  // What `work(table)` returns, computed on another thread when it is its turn.
  template <class T, class Work>
  runtime::Task<Result<T>> in_turn(Work work);
  void set_revision(std::uint64_t revision);

  runtime::Task<Result<Changes>> next_changes(WatchRequest request);
  runtime::Task<void> end_leases();
  runtime::Task<Status> lease_news();
  Instant soonest_end() const;
  Status check_alive(std::uint64_t lease) const;

  runtime::Shard& shard_;
  ControlTable table_;
  std::uint64_t revision_;
  std::map<std::uint64_t, Lease> leases_;
  Turns turns_;
  runtime::Event changed_;
  runtime::Event lease_granted_;
  runtime::Gate background_;
};

}  // namespace portolan::store
