#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/fault.h"
#include "base/time.h"
#include "gateway/metrics.h"
#include "http/exchange.h"
#include "model/view.h"
#include "policy/authenticate.h"
#include "runtime/task.h"
#include "wire/traceparent.h"
#include "wire/usage_record.h"

namespace portolan::gateway {

class Gateway;

// What one request leaves behind: its usage record (promise P4), a line of the
// access log, its share of the metrics, which say the same. Filled as it goes.
//
// Lives in: the request's frame. Never holds content.
// Invariant: what open() has opened is closed once, by close(); only a disk that
// fails leaves it to the next process, as a crash would.
class Record {
 public:
  Record(Gateway& gateway, http::Exchange& exchange);
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;
  ~Record();

  // The versions that the request is decided against.
  void decide_by(const model::View& view);

  // OPEN, before anything of the request is forwarded. Errors: usage_log_full, or
  // that of a wait that was called off; nothing is open then.
  runtime::Task<Status> open();
  // A checkpoint where one is due, before the bytes that `counts` include are
  // relayed. Errors: usage_log_full.
  runtime::Task<Status> count(wire::UsageCounts counts);
  // Before the first byte of an answer: waits until what was appended has
  // outlived what the workspace asks for. Errors: usage_log_full.
  runtime::Task<Status> secure();
  // CLOSE with this outcome and status, if there was an OPEN: before the last
  // bytes of an answer. The outcome, or usage_log_full in place of a good one:
  // those bytes are then not to be delivered.
  runtime::Task<Status> close(Status outcome, int answer_status);

  std::string request_id;  // names the entry: <gateway id>-<epoch>-<sequence>
  wire::TraceParent trace;
  std::string org;
  std::string workspace;
  std::string key_id;
  std::string model;
  std::string scope;
  std::string executor_region;
  std::string executor_zone;
  std::string executor_gateway;  // of the last execution
  bool stream = false;
  std::uint32_t attempts = 0;
  std::uint32_t executions = 0;
  std::optional<Instant> first_byte;
  std::string receipt;       // of the last execution, where one was asked for
  bool durable = false;      // OPEN and CLOSE are to outlive the machine
  wire::UsageCounts usage;   // of what was delivered
  std::optional<Code> code;  // of the fault that ended it

 private:
  wire::UsageRequest usage_request() const;

  Gateway& gateway_;
  http::Exchange& exchange_;
  WallTime began_;
  std::string method_;
  std::string path_;
  std::string world_;
  std::optional<model::Version> world_version_;
  std::uint64_t keyring_ = 0;
  std::uint64_t restrictions_ = 0;
  bool open_ = false;
  std::optional<int> status_;  // as closed
  wire::UsageCounts noted_;    // by the last checkpoint
};

}  // namespace portolan::gateway
