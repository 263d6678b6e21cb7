#pragma once

#include <string>

#include "base/fault.h"
#include "gateway/record.h"
#include "http/exchange.h"

namespace portolan::gateway {

// Answers with a fault in the caller's dialect: status, code, sentence, request
// id, what to do and when to try again.
runtime::Task<void> refuse(http::Exchange& exchange, Record& record, Fault fault,
                           std::string param, std::string allow = {});

}  // namespace portolan::gateway
