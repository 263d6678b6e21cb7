#pragma once

#include "gateway/answer_sink.h"
#include "gateway/envelope.h"
#include "gateway/gateway.h"

namespace portolan::gateway {

// Forwards a request to one gateway of another zone and relays its answer's
// frames to the sink. Errors: what the executor says, or the loss of it (also
// hop_silence_max_ms with no frame), Retry::elsewhere.
runtime::Task<Status> forward_to(Gateway& gateway, http::Pool& pool, Envelope& envelope,
                                 std::string_view& body, AnswerSink& sink);

}  // namespace portolan::gateway
