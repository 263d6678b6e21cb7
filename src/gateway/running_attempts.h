#pragma once

#include <string>

#include "model/restrictions.h"
#include "runtime/cancel.h"

namespace portolan::gateway {

class RunningAttempt;

// What is under way with zones and other gateways, so that a place that becomes denied, and a
// machine that is revoked, is cut off from what it is computing.
//
// Lives on: the gateway's shard.  Owner: the Gateway.
class RunningAttempts {
 public:
  void cut(const model::Restrictions& restrictions);

 private:
  friend class RunningAttempt;
  RunningAttempt* first_ = nullptr;
};

// With whom something is under way; empty: with nobody of that kind.
struct RunsWith {
  std::string zone{};
  std::string region{};
  std::string machine{};  // id of another gateway
};

// One attempt in one zone, or its part with one gateway; run under scope().
class RunningAttempt {
 public:
  RunningAttempt(RunningAttempts& all, RunsWith with, runtime::CancelScope* outer);
  RunningAttempt(const RunningAttempt&) = delete;
  RunningAttempt& operator=(const RunningAttempt&) = delete;
  ~RunningAttempt();

  runtime::CancelScope& scope() { return scope_; }
  bool was_cut() const { return cut_; }

 private:
  friend class RunningAttempts;
  RunningAttempts& all_;
  RunsWith with_;
  runtime::CancelScope scope_;
  bool cut_ = false;
  RunningAttempt* next_;
  RunningAttempt* previous_ = nullptr;
};

}  // namespace portolan::gateway
