#include "store/sqlite_database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>
#include <system_error>

namespace portolan::store {
namespace {

constexpr std::uint64_t page_bytes = 4096;

Fault store_failed(std::string sentence, Retry retry = Retry::never) {
  return Fault{Code::store_failed, retry, std::move(sentence)};
}

// What SQLite's result code means for an operator.
Fault fault_of(sqlite3* database, int code) {
  const std::string said = database ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  const char* file = database ? sqlite3_db_filename(database, "main") : nullptr;
  const std::string path = file && *file ? file : "in memory";
  switch (code & 0xff) {
    case SQLITE_FULL:
      return Fault{Code::disk_full, Retry::later,
                   fmt::format("The store {} has no room left on disk or has reached its size "
                               "limit; nothing was changed. Free some space and try again.",
                               path)};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return store_failed(fmt::format("The store {} is held by another process. Stop that one, or "
                                      "give this one a folder of its own.",
                                      path),
                          Retry::later);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return store_failed(
          fmt::format("The store {} is damaged or is no database ({}). Move it "
                      "away and restore a copy.",
                      path, said));
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return Fault{Code::disk_failed, Retry::later,
                   fmt::format("The store {} cannot be read or written: {}.", path, said)};
    default:
      return store_failed(fmt::format("The store {} failed: {}.", path, said));
  }
}

}  // namespace

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

SqliteStatement& SqliteStatement::bind(int parameter, std::string_view bytes) {
  // A null pointer would bind NULL, which is another value than no bytes.
  const char* at = bytes.empty() ? "" : bytes.data();
  const int code =
      sqlite3_bind_blob64(statement_.get(), parameter, at, bytes.size(), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) bind_outcome_ = code;
  return *this;
}

SqliteStatement& SqliteStatement::bind(int parameter, std::int64_t number) {
  const int code = sqlite3_bind_int64(statement_.get(), parameter, number);
  if (code != SQLITE_OK) bind_outcome_ = code;
  return *this;
}

SqliteStatement& SqliteStatement::bind_null(int parameter) {
  const int code = sqlite3_bind_null(statement_.get(), parameter);
  if (code != SQLITE_OK) bind_outcome_ = code;
  return *this;
}

Result<bool> SqliteStatement::step() {
  if (bind_outcome_ != SQLITE_OK) return fault_of(database_, bind_outcome_);
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fault_of(database_, code);
}

Status SqliteStatement::run() {
  TRY(const bool row, step());
  check(!row, "a statement without rows gave one");
  return {};
}

void SqliteStatement::reset() {
  sqlite3_reset(statement_.get());
  bind_outcome_ = SQLITE_OK;
}

std::string SqliteStatement::bytes(int column) const {
  const auto* at = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return at ? std::string(at, static_cast<std::size_t>(size)) : std::string();
}

std::optional<std::string> SqliteStatement::maybe_bytes(int column) const {
  if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return std::nullopt;
  return bytes(column);
}

std::uint64_t SqliteStatement::whole(int column) const {
  return static_cast<std::uint64_t>(sqlite3_column_int64(statement_.get(), column));
}

void SqliteDatabase::Close::operator()(sqlite3* database) const { sqlite3_close(database); }

Result<SqliteDatabase> SqliteDatabase::open(const SqliteOptions& options) {
  sqlite3* handle = nullptr;
  constexpr int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(options.path.c_str(), &handle, flags, nullptr);
  SqliteDatabase database(handle);
  if (code != SQLITE_OK) return fault_of(handle, code);
  TRY_DO(database.lock_and_check(options));
  return database;
}

Status SqliteDatabase::lock_and_check(const SqliteOptions& options) {
  // Exclusive before the log is switched on: no other process can then share it.
  TRY_DO(
      execute("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;"
              "PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF;"
              "BEGIN IMMEDIATE; COMMIT;"));
  TRY(version_, pragma("user_version"));
  TRY(const auto application, pragma("application_id"));
  TRY(const auto tables, pragma("schema_version"));
  if (tables != 0 && application != options.application_id) {
    return store_failed(
        fmt::format("The file {} belongs to another program, or to another part of "
                    "this one. Give another folder.",
                    options.path));
  }
  if (version_ > options.schema_version) {
    return store_failed(
        fmt::format("The store {} was written by a newer version of this program "
                    "(schema {}; this one knows {}). Run the newer version.",
                    options.path, version_, options.schema_version));
  }
  TRY_DO(check_whole(options.path));
  const auto pages = fmt::format("PRAGMA application_id={}; PRAGMA max_page_count={};",
                                 options.application_id, options.bytes_max / page_bytes);
  return execute(pages.c_str());
}

Status SqliteDatabase::check_whole(const std::string& path) {
  TRY(auto quick, prepare("PRAGMA quick_check(1)"));
  TRY(const bool row, quick.step());
  auto verdict = row ? quick.bytes(0) : std::string();
  quick.reset();
  // What is missing of the last page reads as zeros, which quick_check lets pass
  // as somebody's value. With the log written back the file has all pages.
  TRY_DO(execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  TRY(const auto page_count, pragma("page_count"));
  std::error_code missing;
  const auto size = std::filesystem::file_size(path, missing);
  if (!missing && size < static_cast<std::uint64_t>(page_count) * page_bytes) {
    verdict = "its end is missing";
  }
  if (verdict == "ok") return {};
  return store_failed(
      fmt::format("The store {} is damaged ({}). Move it away and restore a copy.", path, verdict));
}

Result<std::int64_t> SqliteDatabase::pragma(const char* name) {
  const auto sql = fmt::format("PRAGMA {}", name);
  TRY(auto statement, prepare(sql.c_str()));
  TRY(const bool row, statement.step());
  return row ? static_cast<std::int64_t>(statement.whole(0)) : 0;
}

Status SqliteDatabase::set_version(std::int64_t version) {
  const auto sql = fmt::format("PRAGMA user_version={}", version);
  TRY_DO(execute(sql.c_str()));
  version_ = version;
  return {};
}

Status SqliteDatabase::execute(const char* sql) {
  const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fault_of(database_.get(), code);
  return {};
}

Result<SqliteStatement> SqliteDatabase::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(database_.get(), sql, -1, &statement, nullptr);
  if (code != SQLITE_OK) return fault_of(database_.get(), code);
  return SqliteStatement(database_.get(), statement);
}

Result<SqliteTransaction> SqliteTransaction::begin(SqliteDatabase& database) {
  TRY_DO(database.execute("BEGIN IMMEDIATE"));
  return SqliteTransaction(database);
}

SqliteTransaction::~SqliteTransaction() {
  // Fails when SQLite has undone the transaction itself; that is as good.
  if (database_) (void)database_->execute("ROLLBACK").has_value();
}

Status SqliteTransaction::commit() {
  TRY_DO(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace portolan::store
