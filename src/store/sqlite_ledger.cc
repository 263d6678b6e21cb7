#include "store/sqlite_ledger.h"

#include <utility>

#include "runtime/offload.h"

namespace portolan::store {

runtime::Task<Result<std::unique_ptr<SqliteLedger>>> SqliteLedger::open(runtime::Shard& shard,
                                                                        Options options) {
  auto work = [given = std::move(options)] { return LedgerTable::open(given); };
  auto offloaded = runtime::offload(shard, std::move(work));
  CO_TRY(auto table, co_await offloaded);
  co_return std::unique_ptr<SqliteLedger>(new SqliteLedger(shard, std::move(table)));
}

template <class T, class Work>
runtime::Task<Result<T>> SqliteLedger::in_turn(Work work) {
  shard_.assert_here();
  CO_TRY_DO(co_await turns_.take());
  auto bound = [this, owned = std::move(work)]() mutable -> Result<T> { return owned(table_); };
  auto offloaded = runtime::offload(shard_, std::move(bound));
  Result<T> outcome = co_await offloaded;
  turns_.end();
  co_return outcome;
}

runtime::Task<Result<LedgerTaken>> SqliteLedger::take(LedgerBatch batch) {
  auto work = [given = std::move(batch)](LedgerTable& table) { return table.take(given); };
  Result<LedgerTaken> outcome = co_await in_turn<LedgerTaken>(std::move(work));
  co_return outcome;
}

runtime::Task<Result<LedgerPage>> SqliteLedger::query(LedgerQuery query) {
  auto work = [asked = std::move(query)](LedgerTable& table) { return table.query(asked); };
  Result<LedgerPage> outcome = co_await in_turn<LedgerPage>(std::move(work));
  co_return outcome;
}

runtime::Task<Result<std::vector<LedgerGap>>> SqliteLedger::gaps() {
  auto work = [](LedgerTable& table) { return table.gaps(); };
  Result<std::vector<LedgerGap>> outcome = co_await in_turn<std::vector<LedgerGap>>(work);
  co_return outcome;
}

runtime::Task<Result<std::vector<LedgerConflict>>> SqliteLedger::conflicts() {
  auto work = [](LedgerTable& table) { return table.conflicts(); };
  auto outcome = co_await in_turn<std::vector<LedgerConflict>>(work);
  co_return outcome;
}

runtime::Task<Result<LedgerStatus>> SqliteLedger::status() {
  auto work = [](LedgerTable& table) { return table.status(); };
  Result<LedgerStatus> outcome = co_await in_turn<LedgerStatus>(work);
  co_return outcome;
}

runtime::Task<Result<std::optional<LedgerRequest>>> SqliteLedger::find_request(std::string id) {
  auto work = [asked = std::move(id)](LedgerTable& table) { return table.find_request(asked); };
  auto outcome = co_await in_turn<std::optional<LedgerRequest>>(std::move(work));
  co_return outcome;
}

// A turn that is under way ends first.
runtime::Task<void> SqliteLedger::close() {
  const Status turn = co_await turns_.take();
  if (turn) turns_.end();
}

}  // namespace portolan::store
