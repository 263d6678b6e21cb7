#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "store/ledger_store.h"
#include "wire/json_value.h"

namespace portolan::meter {

// {"by": [field], "rows": [{field: value, "requests", "prompt_tokens",
// "cached_tokens", "completion_tokens", "estimated_requests", "outcomes": {name:
// requests}}], "next": what `after` of the next page is, or null, "ledger": as below}
wire::Json page_json(const store::LedgerQuery& query, const store::LedgerPage& page,
                     wire::Json ledger);

// {"now", "requests", "executions", "conflicts", "gaps", "missing_records",
// "gateways": [{"gateway", "zone", "epoch", "known", "received"}]}. A gateway
// that is known from another record alone has `received` null.
wire::Json status_json(const store::LedgerStatus& status, WallTime now);

// {"id", "record": {"workspace", "model", "streamed", "entry_zone", "zone", "outcome", "status",
// "prompt_tokens", "cached_tokens", "completion_tokens", "estimated"}}; `record` is null where the
// ledger has not got it, or not yet.
wire::Json request_json(const std::string& id, const std::optional<store::LedgerRequest>& found);

// {"gaps": [{"gateway", "epoch", "first", "last", "since"}]}
wire::Json gaps_json(const std::vector<store::LedgerGap>& gaps);

// {"conflicts": [{"gateway", "epoch", "number", "request_id", "reason",
// "received", "says": what the record that was not counted bills, or null}]}
wire::Json conflicts_json(const std::vector<store::LedgerConflict>& conflicts);

}  // namespace portolan::meter
