#pragma once

#include <string>

#include "gateway/answer_sink.h"
#include "model/hop_facts.h"
#include "model/request_facts.h"
#include "runtime/task.h"

namespace portolan::gateway {

class Gateway;

// What an executor is asked to do, by its own front door or by another gateway.
struct Execution {
  std::string request_id;
  std::string entry_gateway;
  std::string entry_zone;
  std::string traceparent;
  model::Endpoint endpoint = model::Endpoint::chat_completions;
  model::HopFacts facts;
  bool receipt = false;   // is to be signed, over the content too
  std::string_view body;  // the client's, unchanged; outlives the execution
  Instant deadline;
};

// Runs a request on an engine of this gateway's zone: asks by itself whether it
// may, chooses a replica, sends, and passes the answer on as it comes. An engine
// that cannot be reached is replaced by another of the zone at no cost. What an
// engine has got leaves an exec in the usage log, before this returns.
//
// Faults say whether another zone may try (Retry::elsewhere). None of them
// means that the sink got the whole answer.
runtime::Task<Status> execute(Gateway& gateway, Execution& execution, AnswerSink& sink);

}  // namespace portolan::gateway
