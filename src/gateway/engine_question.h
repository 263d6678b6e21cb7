#pragma once

#include <string>

#include "dialect/engine_kind.h"
#include "gateway/gateway.h"

namespace portolan::gateway {

// One engine, as questions are put to it that no client asks.
struct AskedEngine {
  Gateway& gateway;
  model::Engine engine;
  dialect::EngineKind kind = dialect::EngineKind::openai;
  std::string served_as;
  Instant deadline;  // of all questions
};

struct EngineQuestion {
  std::string path;
  std::string body;  // empty: GET, else POST
};

// The body of the engine's answer, on a connection of its own. Errors: engine_failed for another
// status than 200, limit_exceeded beyond inspect_engine_bytes_max, deadline_exceeded, cancelled,
// and those of connections. The sentence begins with what was asked.
runtime::Task<Result<std::string>> ask_engine(AskedEngine& asked, EngineQuestion question);

// Whether nothing more can be asked after this: the engine is down, hangs or has no room, or the
// time is up.
bool ends_questions(const Fault& fault);

}  // namespace portolan::gateway
