#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/fault.h"
#include "base/time.h"

namespace portolan::policy {

// An attempt that failed, and what is left to try another with.
struct AttemptOutcome {
  Fault fault;
  std::uint32_t executions = 0;  // bodies fully written to an engine so far, this one's too
  bool first_byte_sent = false;  // the client has seen part of an answer
  bool body_replayable = true;   // the whole body is still held
  Duration deadline_left;
};

struct RetryVerdict {
  std::optional<Code> give_up;  // nothing: try elsewhere; else what the client is told
  std::string_view why;         // for the record and `route explain`

  bool again() const { return !give_up.has_value(); }
};

// May the request be tried in another place? Never after the client's first byte
// (an answer of two engines is none), never when the fault blames the request (a
// 4xx fails everywhere), never for more than `executions_max` bodies, since each
// may have been computed and paid for.
RetryVerdict may_retry(const AttemptOutcome& outcome);

}  // namespace portolan::policy
