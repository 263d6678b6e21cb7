#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "store/ledger_store.h"
#include "store/sqlite_database.h"

namespace portolan::store {

inline constexpr Limit ledger_bytes_max{
    "ledger_bytes_max", std::uint64_t{64} << 30,
    "the ledger's file; a full one keeps records waiting in the gateways"};

// A ledger in an SQLite file. Calls block.
//
// Lives on: one thread at a time.  Owner: an SqliteLedger.
class LedgerTable {
 public:
  struct Options {
    std::string path;
    std::uint64_t bytes_max = ledger_bytes_max.value;
  };
  // Errors: as SqliteDatabase::open.
  static Result<LedgerTable> open(const Options& options);

  // As LedgerStore has them.
  Result<LedgerTaken> take(const LedgerBatch& batch);
  Result<LedgerPage> query(const LedgerQuery& query);
  Result<std::vector<LedgerGap>> gaps();
  Result<std::vector<LedgerConflict>> conflicts();
  Result<LedgerStatus> status();
  Result<std::optional<LedgerRequest>> find_request(const std::string& id);

 private:
  explicit LedgerTable(SqliteDatabase database) : database_(std::move(database)) {}
  Status make_schema();
  Status add_counts(const LedgerTaken& taken, std::uint64_t requests, std::uint64_t executions);

  SqliteDatabase database_;
};

}  // namespace portolan::store
