#pragma once

#include <string>

#include "gateway/gateway.h"
#include "gateway/receipt_hop.h"
#include "http/exchange.h"
#include "runtime/task.h"

namespace portolan::gateway {

// GET /v1/receipts/{id}: the receipt of a request of the caller's workspace, by
// way of the gateway where it entered, which the id names, and where none was
// asked for at the time by way of the one that executed it, which signs the facts
// of its record now. Each is one hop away, and each masks again.
runtime::Task<void> serve_receipt(Gateway& gateway, http::Exchange& exchange, std::string id);

// What this gateway's own records give. Errors: receipt_not_found, in the same
// words for what is not there and what another workspace owns; receipt_unavailable.
runtime::Task<Result<ReceiptAnswer>> receipt_of_records(Gateway& gateway,
                                                        ReceiptQuestion question);

// The other end of a hop: `peer` is the identity that the asking gateway's
// certificate has. Errors: untrusted_peer; as may_fetch_receipt and above.
runtime::Task<Result<ReceiptAnswer>> answer_receipt_hop(Gateway& gateway, std::string peer,
                                                        std::string body);

}  // namespace portolan::gateway
