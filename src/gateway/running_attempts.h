#pragma once

#include <string>

#include "model/resources.h"
#include "model/restrictions.h"
#include "runtime/cancel.h"

namespace portolan::gateway {

class RunningAttempt;

// The attempts under way, so that a destination that becomes denied is cut off
// from what it is computing.
//
// Lives on: the gateway's shard.  Owner: the Gateway.
class RunningAttempts {
 public:
  void cut_denied(const model::Restrictions& restrictions);

 private:
  friend class RunningAttempt;
  RunningAttempt* first_ = nullptr;
};

// One attempt in one zone; run under scope().
class RunningAttempt {
 public:
  RunningAttempt(RunningAttempts& all, const model::Zone& zone, runtime::CancelScope* outer);
  RunningAttempt(const RunningAttempt&) = delete;
  RunningAttempt& operator=(const RunningAttempt&) = delete;
  ~RunningAttempt();

  runtime::CancelScope& scope() { return scope_; }
  bool denied() const { return denied_; }

 private:
  friend class RunningAttempts;
  RunningAttempts& all_;
  std::string zone_;
  std::string region_;
  runtime::CancelScope scope_;
  bool denied_ = false;
  RunningAttempt* next_;
  RunningAttempt* previous_ = nullptr;
};

}  // namespace portolan::gateway
