#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engines/sim_answer.h"
#include "engines/sim_executions.h"
#include "engines/sim_faults.h"
#include "engines/sim_request.h"
#include "engines/sim_state.h"
#include "http/exchange.h"
#include "runtime/task.h"

namespace portolan::engines {

// One request while it is answered. Lives in the frame of serve_completion().
struct SimRun {
  SimRun(http::Exchange& on, Execution& counted) : exchange(on), execution(counted) {}

  http::Exchange& exchange;
  Execution& execution;
  std::optional<FaultOrder> fault;
  SimRequest request;
  SimTraits traits;  // as they were when it began
  AnswerIdentity identity;
  AnswerProgress progress;
  std::uint64_t prompt_hash = 0;
  std::size_t length = 0;  // tokens of the answer
  std::string_view reason;
  Duration tpot;
  Instant first_token_at;
};

// Both answer token by token in simulated time, from the end of prefill to the
// last byte. A Fault: the client left, or an ordered fault broke the answer off.
runtime::Task<Status> stream_answer(SimState& sim, SimRun& run);
runtime::Task<Status> give_answer(SimState& sim, SimRun& run);

}  // namespace portolan::engines
