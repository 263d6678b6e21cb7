#pragma once

#include <memory>

#include "runtime/shard.h"
#include "store/ledger_store.h"
#include "store/ledger_table.h"
#include "store/turns.h"

namespace portolan::store {

// A LedgerStore in one SQLite file, for one meter process.
//
// Lives on: one shard; the file is touched by one offloaded piece of work at a
// time.  Owner: the process's root task.
// Invariant: `table_` belongs to whoever has the turn.
class SqliteLedger final : public LedgerStore {
 public:
  using Options = LedgerTable::Options;
  // Errors: as SqliteDatabase::open.
  static runtime::Task<Result<std::unique_ptr<SqliteLedger>>> open(runtime::Shard& shard,
                                                                   Options options);

  runtime::Task<Result<LedgerTaken>> take(LedgerBatch batch) override;
  runtime::Task<Result<LedgerPage>> query(LedgerQuery query) override;
  runtime::Task<Result<std::vector<LedgerGap>>> gaps() override;
  runtime::Task<Result<std::vector<LedgerConflict>>> conflicts() override;
  runtime::Task<Result<LedgerStatus>> status() override;
  runtime::Task<Result<std::optional<LedgerRequest>>> find_request(std::string id) override;
  runtime::Task<void> close() override;

 private:
  SqliteLedger(runtime::Shard& shard, LedgerTable table)
      : shard_(shard), table_(std::move(table)), turns_(shard) {}

  // What `work(table)` returns, computed on another thread when it is its turn.
  template <class T, class Work>
  runtime::Task<Result<T>> in_turn(Work work);

  runtime::Shard& shard_;
  LedgerTable table_;
  Turns turns_;
};

}  // namespace portolan::store
