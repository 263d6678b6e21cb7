#pragma once

#include <string>

#include "gateway/options.h"
#include "seal/receipt.h"
#include "wire/usage_record.h"

namespace portolan::gateway {

// What this gateway can say of an execution of its own, without its content.
seal::ReceiptFacts facts_of(const Options& options, const wire::UsageExec& exec);

// The gateway that a request entered at, out of the request's id
// <gateway id>-<epoch>-<sequence>; empty for what is no such id.
std::string_view entry_of_request(std::string_view request_id);

}  // namespace portolan::gateway
