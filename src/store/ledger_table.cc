#include "store/ledger_table.h"

#include <variant>

#include "store/ledger_cursors.h"
#include "store/ledger_rows.h"

namespace portolan::store {
namespace {

constexpr std::int32_t application_id = 0x50544c55;  // "PTLU"
constexpr std::int64_t schema_version = 1;

constexpr const char* schema = R"(
  CREATE TABLE usage(
    gateway BLOB NOT NULL, epoch INTEGER NOT NULL, number INTEGER NOT NULL, digest BLOB NOT NULL,
    request_id BLOB NOT NULL UNIQUE, trace_id BLOB NOT NULL,
    began INTEGER NOT NULL, ended INTEGER NOT NULL,
    org BLOB NOT NULL, workspace BLOB NOT NULL, key_id BLOB NOT NULL, model BLOB NOT NULL,
    path BLOB NOT NULL, stream INTEGER NOT NULL, scope BLOB NOT NULL,
    entry_region BLOB NOT NULL, entry_zone BLOB NOT NULL,
    region BLOB NOT NULL, zone BLOB NOT NULL,
    outcome BLOB NOT NULL, status INTEGER NOT NULL,
    attempts INTEGER NOT NULL, executions INTEGER NOT NULL,
    prompt INTEGER NOT NULL, cached INTEGER NOT NULL, completion INTEGER NOT NULL,
    estimated INTEGER NOT NULL,
    world BLOB NOT NULL, keyring INTEGER NOT NULL, restrictions INTEGER NOT NULL,
    receipt BLOB NOT NULL,
    PRIMARY KEY(gateway, epoch, number));
  CREATE INDEX usage_by_time ON usage(began);
  CREATE TABLE execution(
    gateway BLOB NOT NULL, epoch INTEGER NOT NULL, number INTEGER NOT NULL, digest BLOB NOT NULL,
    request_id BLOB NOT NULL, entry_gateway BLOB NOT NULL, entry_zone BLOB NOT NULL,
    workspace BLOB NOT NULL, key_id BLOB NOT NULL,
    model BLOB NOT NULL, model_digest BLOB NOT NULL, engine_kind BLOB NOT NULL,
    region BLOB NOT NULL, zone BLOB NOT NULL,
    began INTEGER NOT NULL, ended INTEGER NOT NULL, outcome BLOB NOT NULL,
    prompt INTEGER NOT NULL, cached INTEGER NOT NULL, completion INTEGER NOT NULL,
    estimated INTEGER NOT NULL,
    world BLOB NOT NULL, keyring INTEGER NOT NULL, restrictions INTEGER NOT NULL,
    PRIMARY KEY(gateway, epoch, number));
  CREATE TABLE start(
    gateway BLOB NOT NULL, epoch INTEGER NOT NULL, number INTEGER NOT NULL, digest BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY(gateway, epoch, number));
  CREATE TABLE conflict(
    gateway BLOB NOT NULL, epoch INTEGER NOT NULL, number INTEGER NOT NULL, digest BLOB NOT NULL,
    request_id BLOB NOT NULL, reason BLOB NOT NULL, received INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY(gateway, epoch, number, digest));
  CREATE INDEX conflict_by_time ON conflict(received);
  CREATE TABLE cursor(
    gateway BLOB NOT NULL, epoch INTEGER NOT NULL, zone BLOB NOT NULL,
    known INTEGER NOT NULL, received INTEGER NOT NULL,
    PRIMARY KEY(gateway, epoch));
  CREATE TABLE gap(
    gateway BLOB NOT NULL, epoch INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, since INTEGER NOT NULL,
    PRIMARY KEY(gateway, epoch, first));
  CREATE TABLE total(
    requests INTEGER NOT NULL, executions INTEGER NOT NULL, conflicts INTEGER NOT NULL);
  INSERT INTO total VALUES (0, 0, 0);
)";

Status expect_earlier(LedgerCursors& cursors, const wire::UsageBody& body) {
  const auto* start = std::get_if<wire::UsageStart>(&body);
  if (start == nullptr) return {};
  for (const auto& end : start->earlier) TRY_DO(cursors.expect(end.epoch, end.last));
  return {};
}

// What one entry became.
enum class Fate : unsigned char { added, repeated, conflict };

Result<Fate> take_entry(LedgerCursors& cursors, LedgerRows& rows, std::uint64_t epoch,
                        const LedgerBatch::Entry& entry) {
  TRY(const bool fresh, cursors.receive(epoch, entry.number));
  auto reason = conflict_same_number;
  if (fresh) {
    TRY_DO(expect_earlier(cursors, entry.body));
    TRY(const bool added, rows.insert(entry));
    if (added) return Fate::added;
    reason = conflict_same_request;
  } else {
    TRY(const bool known, rows.is_known(entry));
    if (known) return Fate::repeated;
  }
  TRY(const bool news, rows.insert_conflict(entry, reason));
  return news ? Fate::conflict : Fate::repeated;
}

}  // namespace

Result<LedgerTable> LedgerTable::open(const Options& options) {
  TRY(auto database, SqliteDatabase::open({.path = options.path,
                                           .application_id = application_id,
                                           .schema_version = schema_version,
                                           .bytes_max = options.bytes_max}));
  LedgerTable table(std::move(database));
  if (table.database_.version() == 0) TRY_DO(table.make_schema());
  return table;
}

Status LedgerTable::make_schema() {
  TRY(auto transaction, SqliteTransaction::begin(database_));
  TRY_DO(database_.execute(schema));
  TRY_DO(database_.set_version(schema_version));
  return transaction.commit();
}

Status LedgerTable::add_counts(const LedgerTaken& taken, std::uint64_t requests,
                               std::uint64_t executions) {
  TRY(auto update, database_.prepare("UPDATE total SET requests = requests + ?, "
                                     "executions = executions + ?, conflicts = conflicts + ?"));
  update.bind(1, requests).bind(2, executions).bind(3, taken.conflicts);
  return update.run();
}

Result<LedgerTaken> LedgerTable::take(const LedgerBatch& batch) {
  TRY(auto transaction, SqliteTransaction::begin(database_));
  LedgerCursors cursors(database_, batch.gateway, batch.received);
  LedgerRows rows(database_, batch);
  LedgerTaken taken;
  std::uint64_t requests = 0;
  std::uint64_t executions = 0;
  for (const auto& entry : batch.entries) {
    TRY(const auto fate, take_entry(cursors, rows, batch.epoch, entry));
    taken.repeated += fate == Fate::repeated;
    taken.conflicts += fate == Fate::conflict;
    if (fate != Fate::added) continue;
    ++taken.added;
    requests += std::holds_alternative<wire::UsageClose>(entry.body);
    executions += std::holds_alternative<wire::UsageExec>(entry.body);
  }
  TRY_DO(cursors.finish(batch.zone, batch.epoch, taken));
  TRY_DO(add_counts(taken, requests, executions));
  TRY_DO(transaction.commit());
  return taken;
}

}  // namespace portolan::store
