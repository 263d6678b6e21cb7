#pragma once

#include <string>

#include "engines/sim_error.h"
#include "engines/sim_state.h"
#include "http/exchange.h"
#include "runtime/task.h"

namespace portolan::engines {

// One execution: from a body that was received to the last byte of the answer,
// or to whatever was ordered instead. `chat`: /v1/chat/completions.
runtime::Task<void> serve_completion(SimState& sim, http::Exchange& exchange, std::string body,
                                     bool chat);

// An error as llama.cpp words it.
runtime::Task<Status> respond_error(http::Exchange& exchange, SimError error);

http::OwnedFields json_fields();

}  // namespace portolan::engines
