#include "store/control_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "store/check_transaction.h"
#include "store/prefix_end.h"

namespace portolan::store {
namespace {

constexpr std::int32_t application_id = 0x50544c43;  // "PTLC"
constexpr std::int64_t schema_version = 1;

// What `superseded` is while a row is the newest of its key.
constexpr std::int64_t live = std::numeric_limits<std::int64_t>::max();

constexpr const char* schema = R"(
  CREATE TABLE counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  INSERT INTO counter VALUES ('revision', 0), ('compacted', 0);
  CREATE TABLE entry(
    key BLOB NOT NULL,
    value BLOB,
    create_revision INTEGER NOT NULL,
    mod_revision INTEGER NOT NULL,
    superseded INTEGER NOT NULL,
    lease INTEGER NOT NULL);
  CREATE INDEX entry_by_key ON entry(key, superseded);
  CREATE INDEX entry_by_revision ON entry(mod_revision, key);
  CREATE INDEX entry_by_end ON entry(superseded);
  CREATE INDEX entry_by_lease ON entry(lease) WHERE lease != 0;
  CREATE TABLE lease(id INTEGER PRIMARY KEY AUTOINCREMENT, ttl_ms INTEGER NOT NULL);
)";

// With an upper bound only where there is one: SQLite then reads no further.
constexpr const char* select_from =
    "SELECT key, value, create_revision, mod_revision FROM entry "
    "WHERE key >= ?1 AND mod_revision <= ?3 AND superseded > ?3 ORDER BY key LIMIT ?4";
constexpr const char* select_between =
    "SELECT key, value, create_revision, mod_revision FROM entry "
    "WHERE key >= ?1 AND key < ?2 AND mod_revision <= ?3 AND superseded > ?3 ORDER BY key LIMIT ?4";

}  // namespace

Result<ControlTable> ControlTable::open(const Options& options) {
  TRY(auto database, SqliteDatabase::open({.path = options.path,
                                           .application_id = application_id,
                                           .schema_version = schema_version,
                                           .bytes_max = options.bytes_max}));
  ControlTable table(std::move(database), options.history_max);
  if (table.database_.version() == 0) TRY_DO(table.make_schema());
  TRY_DO(table.read_counters());
  return table;
}

Status ControlTable::make_schema() {
  TRY(auto transaction, SqliteTransaction::begin(database_));
  TRY_DO(database_.execute(schema));
  TRY_DO(database_.set_version(schema_version));
  return transaction.commit();
}

Status ControlTable::read_counters() {
  TRY(auto select,
      database_.prepare("SELECT (SELECT value FROM counter WHERE name = 'revision'),"
                        "       (SELECT value FROM counter WHERE name = 'compacted')"));
  TRY(const bool row, select.step());
  check(row, "a select without a table has one row");
  revision_ = select.whole(0);
  compacted_ = select.whole(1);
  return {};
}

Status ControlTable::begin_behind(std::uint64_t revision) {
  TRY(auto sql, SqliteTransaction::begin(database_));
  {
    TRY(auto keys, database_.prepare("SELECT 1 FROM entry WHERE superseded = ?"));
    keys.bind(1, live);
    TRY(const bool any, keys.step());
    if (any) {
      return Fault{Code::resource_conflict, Retry::never,
                   "A store that has keys goes on behind its own revisions."};
    }
  }
  if (revision <= revision_) return {};
  TRY_DO(database_.execute("DELETE FROM entry"));
  TRY(auto set, database_.prepare("UPDATE counter SET value = ?"));
  set.bind(1, revision);
  TRY_DO(set.run());
  TRY_DO(sql.commit());
  return read_counters();
}

Status ControlTable::check_kept(std::uint64_t revision) const {
  if (revision >= compacted_) return {};
  return Fault{Code::stale_version, Retry::never,
               fmt::format("Revision {} of the store is no longer kept; the oldest is {}. Read the "
                           "newest state and go on from there.",
                           revision, compacted_)};
}

Result<Range> ControlTable::range(const RangeRequest& request) {
  Range range;
  range.revision = request.revision == 0 ? revision_ : request.revision;
  if (range.revision > revision_) {
    return Fault{Code::invalid_parameter, Retry::later,
                 fmt::format("Revision {} of the store is still to come; the newest is {}.",
                             range.revision, revision_)};
  }
  TRY_DO(check_kept(range.revision));
  const auto end = prefix_end(request.prefix);
  const auto behind = request.after.empty() ? request.after : request.after + '\0';
  const auto begin = std::max(request.prefix, behind);
  TRY(auto select, database_.prepare(end.empty() ? select_from : select_between));
  select.bind(1, begin).bind(3, range.revision);
  select.bind(4, request.keys_max == 0 ? live : static_cast<std::int64_t>(request.keys_max));
  if (!end.empty()) select.bind(2, end);
  for (;;) {
    TRY(const bool row, select.step());
    if (!row) return range;
    range.items.push_back({.key = select.bytes(0),
                           .value = select.bytes(1),
                           .create_revision = select.whole(2),
                           .mod_revision = select.whole(3)});
  }
}

Status ControlTable::check_compares(const Transaction& transaction) {
  TRY(auto select,
      database_.prepare("SELECT mod_revision FROM entry WHERE key = ? AND superseded = ?"));
  for (const auto& compare : transaction.compares) {
    select.bind(1, compare.key).bind(2, live);
    TRY(const bool row, select.step());
    const auto found = row ? select.whole(0) : 0;
    select.reset();
    if (found != compare.mod_revision) {
      return Fault{Code::resource_conflict, Retry::later,
                   fmt::format("'{}' is at revision {}, not {}: somebody changed it meanwhile.",
                               compare.key, found, compare.mod_revision)};
    }
  }
  return {};
}

Status ControlTable::check_leases(const Transaction& transaction) {
  TRY(auto select, database_.prepare("SELECT 1 FROM lease WHERE id = ?"));
  for (const auto& put : transaction.puts) {
    if (put.lease == 0) continue;
    select.bind(1, put.lease);
    TRY(const bool row, select.step());
    select.reset();
    if (!row) {
      return Fault{Code::resource_not_found, Retry::never,
                   fmt::format("Lease {} has ended.", put.lease)};
    }
  }
  return {};
}

Result<std::uint64_t> ControlTable::commit(const Transaction& transaction) {
  TRY_DO(check_transaction(transaction));
  TRY(auto sql, SqliteTransaction::begin(database_));
  TRY_DO(check_compares(transaction));
  TRY_DO(check_leases(transaction));
  const auto revision = revision_ + 1;
  TRY(const auto deleted, delete_all(transaction, revision));
  TRY(const auto written, put_all(transaction, revision));
  if (deleted + written == 0) return revision_;
  return finish(sql, revision);
}

Result<std::uint64_t> ControlTable::delete_all(const Transaction& transaction,
                                               std::uint64_t revision) {
  TRY(auto end, database_.prepare("UPDATE entry SET superseded = ?1 "
                                  "WHERE key = ?2 AND superseded = ?3 RETURNING create_revision"));
  TRY(auto insert, database_.prepare("INSERT INTO entry VALUES (?1, NULL, ?2, ?3, ?3, 0)"));
  std::uint64_t count = 0;
  for (const auto& key : transaction.deletes) {
    end.bind(1, revision).bind(2, key).bind(3, live);
    TRY(const bool was_there, end.step());
    const auto created = was_there ? end.whole(0) : 0;
    end.reset();
    if (!was_there) continue;
    ++count;
    insert.bind(1, key).bind(2, created).bind(3, revision);
    TRY_DO(insert.run());
    insert.reset();
  }
  return count;
}

Result<std::uint64_t> ControlTable::put_all(const Transaction& transaction,
                                            std::uint64_t revision) {
  TRY(auto end, database_.prepare("UPDATE entry SET superseded = ?1 "
                                  "WHERE key = ?2 AND superseded = ?3 RETURNING create_revision"));
  TRY(auto insert, database_.prepare("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)"));
  for (const auto& put : transaction.puts) {
    end.bind(1, revision).bind(2, put.key).bind(3, live);
    TRY(const bool was_there, end.step());
    const auto created = was_there ? end.whole(0) : revision;
    end.reset();
    insert.bind(1, put.key).bind(2, put.value).bind(3, created);
    insert.bind(4, revision).bind(5, live).bind(6, put.lease);
    TRY_DO(insert.run());
    insert.reset();
  }
  return transaction.puts.size();
}

Status ControlTable::compact_before(std::uint64_t revision, std::uint64_t& compacted) {
  // A tenth at a time, so that most commits need not.
  if (revision - compacted <= history_max_ + history_max_ / 10) return {};
  compacted = revision - history_max_;
  TRY(auto forget, database_.prepare("DELETE FROM entry WHERE superseded <= ?"));
  forget.bind(1, compacted);
  return forget.run();
}

Result<std::uint64_t> ControlTable::finish(SqliteTransaction& transaction, std::uint64_t revision) {
  auto compacted = compacted_;
  TRY_DO(compact_before(revision, compacted));
  TRY(auto count, database_.prepare("UPDATE counter SET value = CASE name "
                                    "WHEN 'revision' THEN ?1 ELSE ?2 END"));
  count.bind(1, revision).bind(2, compacted);
  TRY_DO(count.run());
  TRY_DO(transaction.commit());
  revision_ = revision;
  compacted_ = compacted;
  return revision;
}

Result<Changes> ControlTable::changes(const WatchRequest& request) {
  TRY_DO(check_kept(request.from == 0 ? 0 : request.from - 1));
  const auto end = prefix_end(request.prefix);
  TRY(auto select, database_.prepare("SELECT key, value, mod_revision FROM entry "
                                     "WHERE mod_revision >= ?3 AND key >= ?1 "
                                     "AND (?2 = x'' OR key < ?2) ORDER BY mod_revision, key"));
  select.bind(1, request.prefix).bind(2, end).bind(3, request.from);
  Changes changes;
  changes.next = std::max(request.from, revision_ + 1);
  for (;;) {
    TRY(const bool row, select.step());
    if (!row) return changes;
    const auto revision = select.whole(2);
    if (changes.items.size() >= store_watch_batch_max.count() &&
        changes.items.back().mod_revision != revision) {
      changes.next = revision;
      return changes;
    }
    changes.items.push_back(
        {.key = select.bytes(0), .value = select.maybe_bytes(1), .mod_revision = revision});
  }
}

Result<std::map<std::uint64_t, Duration>> ControlTable::leases() {
  TRY(auto select, database_.prepare("SELECT id, ttl_ms FROM lease"));
  std::map<std::uint64_t, Duration> leases;
  for (;;) {
    TRY(const bool row, select.step());
    if (!row) return leases;
    leases[select.whole(0)] = Duration::milliseconds(static_cast<std::int64_t>(select.whole(1)));
  }
}

Result<std::uint64_t> ControlTable::add_lease(Duration ttl) {
  TRY(auto insert, database_.prepare("INSERT INTO lease(ttl_ms) VALUES (?) RETURNING id"));
  insert.bind(1, ttl.milliseconds());
  TRY(const bool row, insert.step());
  check(row, "an insert returned no id");
  const auto lease = insert.whole(0);
  TRY_DO(insert.run());
  return lease;
}

Result<std::uint64_t> ControlTable::end_lease(std::uint64_t lease) {
  TRY(auto sql, SqliteTransaction::begin(database_));
  Transaction keys;
  {
    TRY(auto select, database_.prepare("SELECT key FROM entry WHERE lease = ? AND superseded = ?"));
    select.bind(1, lease).bind(2, live);
    for (;;) {
      TRY(const bool row, select.step());
      if (!row) break;
      keys.deletes.push_back(select.bytes(0));
    }
  }
  TRY(auto forget, database_.prepare("DELETE FROM lease WHERE id = ?"));
  forget.bind(1, lease);
  TRY_DO(forget.run());
  TRY(const auto deleted, delete_all(keys, revision_ + 1));
  if (deleted > 0) return finish(sql, revision_ + 1);
  TRY_DO(sql.commit());
  return revision_;
}

}  // namespace portolan::store
