#pragma once

#include <span>
#include <string_view>

#include "gateway/metrics.h"
#include "http/exchange.h"
#include "runtime/task.h"
#include "wire/frame_payload.h"

namespace portolan::gateway {

struct AnswerHead {
  int status = 200;
  http::OwnedFields fields;
  bool stream = false;
};

// Bytes of an answer that lie where they are until data() returns.
struct AnswerBytes {
  std::span<const std::string_view> pieces;
};

// Where an execution's answer goes: to the client, or over a hop to the entry.
// Called in order: sending() before each execution, then begin(), data() and
// usage() as often as there is something to say, and last() at the end of a
// stream. Counts come before the bytes that they count. Who implements it lives
// as long as the attempt.
class AnswerSink {
 public:
  // An engine is about to get the whole body: from here on it counts as executed.
  virtual runtime::Task<Status> sending() = 0;
  virtual void enter(Phase phase) = 0;
  virtual runtime::Task<Status> begin(AnswerHead head) = 0;
  virtual runtime::Task<Status> data(AnswerBytes& bytes) = 0;
  // The last bytes of a stream: kept back until all of it is accounted for.
  virtual void last(const AnswerBytes& bytes) = 0;
  virtual void usage(const wire::UsageCounts& counts) = 0;
  // The executor's receipt, where one was asked for: when all of the answer is there.
  virtual void receipt(std::string jws) = 0;

 protected:
  ~AnswerSink() = default;
};

}  // namespace portolan::gateway
