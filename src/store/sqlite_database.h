#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace portolan::store {

// One SQL statement that is being run. Positions of parameters begin at 1, those
// of columns at 0. Texts are bytes: no encoding is looked at.
class SqliteStatement {
 public:
  SqliteStatement(sqlite3* database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}

  // The bytes are copied.
  SqliteStatement& bind(int parameter, std::string_view bytes);
  SqliteStatement& bind(int parameter, std::int64_t number);
  SqliteStatement& bind(int parameter, std::uint64_t number) {
    return bind(parameter, static_cast<std::int64_t>(number));
  }
  SqliteStatement& bind_null(int parameter);

  // True: there is a row. False: it has ended.
  Result<bool> step();
  // For a statement without rows.
  Status run();
  // Ready to be bound and run again.
  void reset();

  std::string bytes(int column) const;
  std::optional<std::string> maybe_bytes(int column) const;
  std::uint64_t whole(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bind_outcome_ = 0;
};

// What a database of ours is told at its opening.
struct SqliteOptions {
  std::string path;             // ":memory:" for none on disk
  std::int32_t application_id;  // tells our files from others and from each other
  std::int64_t schema_version;  // that this program writes
  std::uint64_t bytes_max;      // of the file
};

// An SQLite file that this process alone has open: write-ahead log, every commit
// synced. Calls block.
//
// Lives on: one thread at a time.
class SqliteDatabase {
 public:
  // An empty file gets no schema yet: version() is 0 then. Errors: store_failed
  // for a file that is locked by another process, damaged, of another program or
  // written by a newer one; disk_full, disk_failed.
  static Result<SqliteDatabase> open(const SqliteOptions& options);

  std::int64_t version() const { return version_; }
  Status set_version(std::int64_t version);  // inside of a transaction

  Status execute(const char* sql);
  Result<SqliteStatement> prepare(const char* sql);

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit SqliteDatabase(sqlite3* database) : database_(database) {}
  Status lock_and_check(const SqliteOptions& options);
  Status check_whole(const std::string& path);
  Result<std::int64_t> pragma(const char* name);

  std::unique_ptr<sqlite3, Close> database_;
  std::int64_t version_ = 0;
};

// A transaction that is undone unless it was committed.
class SqliteTransaction {
 public:
  static Result<SqliteTransaction> begin(SqliteDatabase& database);
  SqliteTransaction(SqliteTransaction&& other) noexcept
      : database_(std::exchange(other.database_, nullptr)) {}
  SqliteTransaction& operator=(SqliteTransaction&&) = delete;
  ~SqliteTransaction();

  // After a Fault everything is as it was at begin().
  Status commit();

 private:
  explicit SqliteTransaction(SqliteDatabase& database) : database_(&database) {}

  SqliteDatabase* database_;
};

}  // namespace portolan::store
