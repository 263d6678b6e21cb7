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
#include "wire/frame_payload.h"
#include "wire/traceparent.h"

namespace portolan::gateway {

class Gateway;

// What one request leaves behind: filled as it goes, written to the access log
// and the metrics when it goes, on every way out.
//
// Lives in: the request's frame. Never holds content.
class Record {
 public:
  Record(Gateway& gateway, http::Exchange& exchange);
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;
  ~Record();

  // The versions that the request is decided against.
  void decide_by(const model::View& view);

  std::string request_id;  // names the entry: <gateway id>-<epoch>-<sequence>
  wire::TraceParent trace;
  std::string workspace;
  std::string key_id;
  std::string model;
  std::string scope;
  std::string executor_zone;
  bool stream = false;
  std::uint32_t attempts = 0;
  std::uint32_t executions = 0;
  std::optional<Instant> first_byte;
  wire::UsageCounts usage;
  std::optional<Code> code;  // of the fault that ended it

 private:
  Gateway& gateway_;
  http::Exchange& exchange_;
  WallTime began_;
  std::string method_;
  std::string path_;
  std::string world_;
  std::uint64_t keyring_ = 0;
  std::uint64_t restrictions_ = 0;
};

}  // namespace portolan::gateway
