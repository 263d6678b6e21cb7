#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "store/control_store.h"
#include "store/sqlite_database.h"

namespace portolan::store {

// The keys of a ControlStore in an SQLite file, with the history that watches
// and older revisions need. Calls block.
//
// Lives on: one thread at a time.  Owner: an SqliteControlStore.
// Invariants: (1) a row is the truth about its key for revisions
//             [mod_revision, superseded); a deletion's row is for none;
//             (2) rows superseded at or before compacted() are gone.
class ControlTable {
 public:
  struct Options {
    std::string path;
    std::uint64_t bytes_max = std::uint64_t{8} << 30;
    std::uint64_t history_max = store_history_max.value;
  };
  // Errors: as SqliteDatabase::open.
  static Result<ControlTable> open(const Options& options);

  std::uint64_t revision() const { return revision_; }
  std::uint64_t compacted() const { return compacted_; }

  // As ControlStore has them.
  Status begin_behind(std::uint64_t revision);
  Result<Range> range(const RangeRequest& request);
  Result<std::uint64_t> commit(const Transaction& transaction);
  Result<Changes> changes(const WatchRequest& request);

  // Their time to live, by id.
  Result<std::map<std::uint64_t, Duration>> leases();
  Result<std::uint64_t> add_lease(Duration ttl);
  // Deletes it and its keys; the revision that this got.
  Result<std::uint64_t> end_lease(std::uint64_t lease);

 private:
  ControlTable(SqliteDatabase database, std::uint64_t history_max)
      : database_(std::move(database)), history_max_(history_max) {}
  Status make_schema();
  Status read_counters();
  Status check_kept(std::uint64_t revision) const;
  Status check_compares(const Transaction& transaction);
  Status check_leases(const Transaction& transaction);
  // Both as of `revision`; the number of keys they changed.
  Result<std::uint64_t> put_all(const Transaction& transaction, std::uint64_t revision);
  Result<std::uint64_t> delete_all(const Transaction& transaction, std::uint64_t revision);
  Status compact_before(std::uint64_t revision, std::uint64_t& compacted);
  Result<std::uint64_t> finish(SqliteTransaction& transaction, std::uint64_t revision);

  SqliteDatabase database_;
  std::uint64_t history_max_;
  std::uint64_t revision_ = 0;
  std::uint64_t compacted_ = 0;
};

}  // namespace portolan::store
