#pragma once

#include <string_view>

#include "base/result.h"
#include "store/ledger_store.h"
#include "wire/json_value.h"

namespace portolan::meter {

// The query of GET /meter/v1/usage:
//   by=workspace,model          groups, each once
//   workspace=eu&workspace=cn   filters: any field's name, as often as wanted
//   from=2026-01-01             a date or RFC 3339; until=... the first instant that is out
//   limit=100                   rows, at most ledger_page_rows_max
//   after=["eu"]                `next` of the page before
// Errors: invalid_parameter, naming it.
Result<store::LedgerQuery> parse_usage_params(std::string_view query);

}  // namespace portolan::meter
