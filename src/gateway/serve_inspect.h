#pragma once

#include "gateway/gateway.h"
#include "gateway/inspect_turns.h"
#include "http/exchange.h"

namespace portolan::gateway {

// Answers control's InspectionRequest (world/inspection.h) with what is around this gateway: the
// gateways that it reaches, and what the engines of its zone say and do. Nobody but a control of
// this network is answered; one that leaves ends the inspection.
runtime::Task<void> serve_inspect(Gateway& gateway, InspectTurns& turns, http::Exchange& exchange);

}  // namespace portolan::gateway
