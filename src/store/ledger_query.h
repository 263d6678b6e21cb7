#pragma once

#include <string>

#include "store/ledger_store.h"

namespace portolan::store {

// The SQL that answers a query. Its parameters, in this order: a text for each
// filter, from and until in nanoseconds where the query has them, a text for each
// value of `after`, and at last the number of rows. Its columns: the group, then
// requests, prompt, cached, completion, estimated and {"outcome": requests}.
std::string compile_query(const LedgerQuery& query);

}  // namespace portolan::store
