#include "store/ledger_table.h"

namespace portolan::store {
namespace {

WallTime time_of(const SqliteStatement& select, int column) {
  return {static_cast<std::int64_t>(select.whole(column))};
}

}  // namespace

Result<std::vector<LedgerGap>> LedgerTable::gaps() {
  TRY(auto select, database_.prepare("SELECT gateway, epoch, first, last, since FROM gap "
                                     "ORDER BY since, gateway, epoch, first LIMIT ?"));
  select.bind(1, ledger_page_rows_max.value);
  std::vector<LedgerGap> gaps;
  for (;;) {
    TRY(const bool row, select.step());
    if (!row) return gaps;
    gaps.push_back({.gateway = select.bytes(0),
                    .epoch = select.whole(1),
                    .first = select.whole(2),
                    .last = select.whole(3),
                    .since = time_of(select, 4)});
  }
}

Result<std::vector<LedgerConflict>> LedgerTable::conflicts() {
  TRY(auto select,
      database_.prepare("SELECT gateway, epoch, number, digest, request_id, reason, received, "
                        "bytes FROM conflict ORDER BY received DESC, gateway, epoch, number "
                        "LIMIT ?"));
  select.bind(1, ledger_page_rows_max.value);
  std::vector<LedgerConflict> conflicts;
  for (;;) {
    TRY(const bool row, select.step());
    if (!row) return conflicts;
    conflicts.push_back({.gateway = select.bytes(0),
                         .epoch = select.whole(1),
                         .number = select.whole(2),
                         .digest = select.bytes(3),
                         .request_id = select.bytes(4),
                         .reason = select.bytes(5),
                         .received = time_of(select, 6),
                         .bytes = select.bytes(7)});
  }
}

Result<std::optional<LedgerRequest>> LedgerTable::find_request(const std::string& id) {
  TRY(auto select,
      database_.prepare("SELECT workspace, model, stream, entry_zone, zone, outcome, status, "
                        "prompt, cached, completion, estimated FROM usage WHERE request_id = ?"));
  select.bind(1, id);
  TRY(const bool found, select.step());
  if (!found) return std::optional<LedgerRequest>();
  return std::optional(LedgerRequest{.id = id,
                                     .workspace = select.bytes(0),
                                     .model = select.bytes(1),
                                     .streamed = select.whole(2) != 0,
                                     .entry_zone = select.bytes(3),
                                     .zone = select.bytes(4),
                                     .outcome = select.bytes(5),
                                     .status = select.whole(6),
                                     .prompt_tokens = select.whole(7),
                                     .cached_tokens = select.whole(8),
                                     .completion_tokens = select.whole(9),
                                     .estimated = select.whole(10) != 0});
}

Result<LedgerStatus> LedgerTable::status() {
  LedgerStatus status;
  TRY(auto totals, database_.prepare("SELECT requests, executions, conflicts, "
                                     "(SELECT COUNT(*) FROM gap), "
                                     "(SELECT COALESCE(SUM(last - first + 1), 0) FROM gap) "
                                     "FROM total"));
  TRY(const bool found, totals.step());
  check(found, "the totals are one row");
  status.requests = totals.whole(0);
  status.executions = totals.whole(1);
  status.conflicts = totals.whole(2);
  status.gaps = totals.whole(3);
  status.missing = totals.whole(4);
  // The bare columns are those of the row that has the highest epoch.
  TRY(auto select, database_.prepare("SELECT gateway, zone, max(epoch), known, "
                                     "(SELECT max(received) FROM cursor AS every "
                                     " WHERE every.gateway = cursor.gateway) "
                                     "FROM cursor GROUP BY gateway ORDER BY gateway"));
  for (;;) {
    TRY(const bool row, select.step());
    if (!row) return status;
    status.gateways.push_back({.gateway = select.bytes(0),
                               .zone = select.bytes(1),
                               .epoch = select.whole(2),
                               .known = select.whole(3),
                               .received = time_of(select, 4)});
  }
}

}  // namespace portolan::store
