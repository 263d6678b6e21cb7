#pragma once

#include "gateway/gateway.h"
#include "http/exchange.h"
#include "model/request_facts.h"
#include "runtime/task.h"

namespace portolan::gateway {

// One request for an answer of a model, from its head to its last byte.
runtime::Task<void> serve(Gateway& gateway, http::Exchange& exchange, model::Endpoint endpoint);

// models.list, and models.retrieve where `name` is not empty.
runtime::Task<void> serve_models(Gateway& gateway, http::Exchange& exchange, std::string name);

}  // namespace portolan::gateway
