#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/ledger_store.h"
#include "store/sqlite_database.h"

namespace portolan::store {

// Which numbers of one gateway the ledger has, and which are missing below the
// highest that is known to exist. Used inside of one transaction.
//
// Invariant: a number at or below an epoch's `known` was received, or is in
// exactly one gap.
class LedgerCursors {
 public:
  LedgerCursors(SqliteDatabase& database, std::string gateway, WallTime now)
      : database_(database), gateway_(std::move(gateway)), now_(now) {}

  // This number came. False: it had come before.
  Result<bool> receive(std::uint64_t epoch, std::uint64_t number);
  // The gateway says that it has written every number up to `last`.
  Status expect(std::uint64_t epoch, std::uint64_t last);
  // Writes what was learned: where the gateway stands, and the gaps of this
  // transaction into `taken`.
  Status finish(const std::string& zone, std::uint64_t epoch, LedgerTaken& taken);

 private:
  struct Cursor {
    std::uint64_t known = 0;
    bool heard = false;    // a record of it came now
    bool changed = false;  // something was learned of it now
  };
  Result<Cursor*> cursor(std::uint64_t epoch);
  Result<bool> fill(std::uint64_t epoch, std::uint64_t number);
  Status add_gap(std::uint64_t epoch, std::uint64_t first, std::uint64_t last, WallTime since);
  Status write(const std::string& zone);
  Status read_missing(LedgerTaken& taken);
  Result<std::uint64_t> through(std::uint64_t epoch);

  SqliteDatabase& database_;
  std::string gateway_;
  WallTime now_;
  std::map<std::uint64_t, Cursor> cursors_;
  std::vector<LedgerGap> opened_;
  std::vector<LedgerGap> filled_;
};

}  // namespace portolan::store
