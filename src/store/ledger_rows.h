#pragma once

#include <string_view>

#include "base/result.h"
#include "store/ledger_store.h"
#include "store/sqlite_database.h"

namespace portolan::store {

inline constexpr std::string_view conflict_same_number = "same_number";
inline constexpr std::string_view conflict_same_request = "same_request";

// The rows that one batch becomes. Used inside of one transaction.
class LedgerRows {
 public:
  LedgerRows(SqliteDatabase& database, const LedgerBatch& batch)
      : database_(database), batch_(batch) {}

  // A record whose number is new. False: its request has a row of another record.
  Result<bool> insert(const LedgerBatch::Entry& entry);
  // Whether what stands under the entry's number is the entry.
  Result<bool> is_known(const LedgerBatch::Entry& entry);
  // False: that conflict is known.
  Result<bool> insert_conflict(const LedgerBatch::Entry& entry, std::string_view reason);

 private:
  Result<bool> insert_body(const LedgerBatch::Entry& entry, const wire::UsageStart& start);
  Result<bool> insert_body(const LedgerBatch::Entry& entry, const wire::UsageClose& close);
  Result<bool> insert_body(const LedgerBatch::Entry& entry, const wire::UsageExec& exec);
  // What every table begins with: gateway, epoch, number, digest.
  Result<SqliteStatement> begin(const char* sql, const LedgerBatch::Entry& entry);

  SqliteDatabase& database_;
  const LedgerBatch& batch_;
};

}  // namespace portolan::store
