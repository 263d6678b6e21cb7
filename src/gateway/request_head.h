#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "http/exchange.h"
#include "model/hop_facts.h"
#include "policy/may_enter.h"

namespace portolan::gateway {

// What is decided from a request's head alone. Views of the head.
struct RequestHead {
  std::string_view key;    // of Authorization: Bearer, else of x-api-key; empty: none
  std::string_view scope;  // of portolan-scope
};

// Whether the answer is to carry its receipt (`portolan-receipt: inline`).
// Errors: invalid_parameter for any other value.
Result<bool> wants_receipt(const http::Exchange& exchange);

RequestHead read_request_head(const http::Exchange& exchange);

// When the request's time is over: `portolan-timeout-ms` after the head's end,
// and never later than request_timeout_ms. Errors: invalid_parameter.
Result<Instant> deadline_of(const http::Exchange& exchange, Instant now);

// Bodies are read as they come: what is packed is refused before it is read.
// Errors: unsupported_encoding.
Status check_encoding(const http::Exchange& exchange);

// The scope that the request was decided by, for people: the one that was asked
// for, else the workspace's own.
std::string scope_of(const model::View& view, const policy::Caller& caller,
                     const policy::EntryGrant& grant);

// The same, as far as an executor was told it.
std::string scope_of(const model::HopFacts& facts);

}  // namespace portolan::gateway
