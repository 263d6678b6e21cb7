#include "store/ledger_rows.h"

#include <algorithm>
#include <string>
#include <variant>

namespace portolan::store {
namespace {

std::string request_id_of(const wire::UsageBody& body) {
  if (const auto* close = std::get_if<wire::UsageClose>(&body)) return close->request.request_id;
  if (const auto* exec = std::get_if<wire::UsageExec>(&body)) return exec->request_id;
  return {};
}

void bind_counts(SqliteStatement& statement, int first, const wire::UsageCounts& counts) {
  const auto kept = [](Tokens tokens) { return std::min(tokens.value, ledger_tokens_max.value); };
  statement.bind(first, kept(counts.prompt)).bind(first + 1, kept(counts.cached));
  statement.bind(first + 2, kept(counts.completion));
  statement.bind(first + 3, std::uint64_t{counts.estimated});
}

void bind_versions(SqliteStatement& statement, int first, const wire::HeldVersions& versions) {
  statement.bind(first, versions.world).bind(first + 1, versions.keyring);
  statement.bind(first + 2, versions.restrictions);
}

}  // namespace

Result<SqliteStatement> LedgerRows::begin(const char* sql, const LedgerBatch::Entry& entry) {
  TRY(auto statement, database_.prepare(sql));
  statement.bind(1, batch_.gateway).bind(2, batch_.epoch).bind(3, entry.number);
  statement.bind(4, entry.digest);
  return statement;
}

Result<bool> LedgerRows::insert_body(const LedgerBatch::Entry& entry,
                                     const wire::UsageStart& start) {
  TRY(auto insert, begin("INSERT INTO start VALUES (?,?,?,?,?) RETURNING 1", entry));
  insert.bind(5, start.at.ns);
  return insert.step();
}

Result<bool> LedgerRows::insert_body(const LedgerBatch::Entry& entry,
                                     const wire::UsageClose& close) {
  TRY(auto insert,
      begin("INSERT INTO usage VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
            "?,?,?,?,?,?,?) ON CONFLICT(request_id) DO NOTHING RETURNING 1",
            entry));
  const auto& request = close.request;
  insert.bind(5, request.request_id).bind(6, request.trace_id);
  insert.bind(7, request.began.ns).bind(8, close.ended.ns);
  insert.bind(9, request.org).bind(10, request.workspace).bind(11, request.key_id);
  insert.bind(12, request.model).bind(13, request.path).bind(14, std::uint64_t{request.stream});
  insert.bind(15, request.scope).bind(16, request.entry_region).bind(17, request.entry_zone);
  insert.bind(18, close.executor_region).bind(19, close.executor_zone);
  insert.bind(20, close.outcome).bind(21, std::int64_t{close.status});
  insert.bind(22, std::uint64_t{close.attempts}).bind(23, std::uint64_t{close.executions});
  bind_counts(insert, 24, close.counts);
  bind_versions(insert, 28, request.versions);
  insert.bind(31, close.receipt);
  return insert.step();
}

Result<bool> LedgerRows::insert_body(const LedgerBatch::Entry& entry, const wire::UsageExec& exec) {
  TRY(auto insert,
      begin("INSERT INTO execution VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
            "?,?) RETURNING 1",
            entry));
  insert.bind(5, exec.request_id).bind(6, exec.entry_gateway).bind(7, exec.entry_zone);
  insert.bind(8, exec.workspace).bind(9, exec.key_id);
  insert.bind(10, exec.model).bind(11, exec.model_digest).bind(12, exec.engine_kind);
  insert.bind(13, exec.region).bind(14, exec.zone);
  insert.bind(15, exec.began.ns).bind(16, exec.ended.ns).bind(17, exec.outcome);
  bind_counts(insert, 18, exec.counts);
  bind_versions(insert, 22, exec.versions);
  return insert.step();
}

Result<bool> LedgerRows::insert(const LedgerBatch::Entry& entry) {
  if (const auto* start = std::get_if<wire::UsageStart>(&entry.body)) {
    return insert_body(entry, *start);
  }
  if (const auto* close = std::get_if<wire::UsageClose>(&entry.body)) {
    return insert_body(entry, *close);
  }
  const auto* exec = std::get_if<wire::UsageExec>(&entry.body);
  check(exec != nullptr, "only numbered records come into the ledger");
  return insert_body(entry, *exec);
}

Result<bool> LedgerRows::is_known(const LedgerBatch::Entry& entry) {
  TRY(auto select, begin("SELECT 1 FROM usage WHERE gateway=?1 AND epoch=?2 AND number=?3 "
                         "AND digest=?4 UNION ALL "
                         "SELECT 1 FROM execution WHERE gateway=?1 AND epoch=?2 AND number=?3 "
                         "AND digest=?4 UNION ALL "
                         "SELECT 1 FROM start WHERE gateway=?1 AND epoch=?2 AND number=?3 "
                         "AND digest=?4 UNION ALL "
                         "SELECT 1 FROM conflict WHERE gateway=?1 AND epoch=?2 AND number=?3 "
                         "AND digest=?4",
                         entry));
  return select.step();
}

Result<bool> LedgerRows::insert_conflict(const LedgerBatch::Entry& entry, std::string_view reason) {
  TRY(auto insert, begin("INSERT INTO conflict VALUES (?,?,?,?,?,?,?,?) "
                         "ON CONFLICT DO NOTHING RETURNING 1",
                         entry));
  insert.bind(5, request_id_of(entry.body)).bind(6, reason);
  insert.bind(7, batch_.received.ns).bind(8, entry.bytes);
  return insert.step();
}

}  // namespace portolan::store
