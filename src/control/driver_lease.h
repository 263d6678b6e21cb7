#pragma once

#include <string>

#include "base/limits.h"
#include "runtime/shard.h"
#include "store/control_store.h"

namespace portolan::control {

// A key of the store that one of several controls holds: who does something that one has to do.
// It passes on when the control that holds it dies.
//
// Lives on: control's shard.  Owner: whoever does it.
class DriverLease {
 public:
  DriverLease(runtime::Shard& shard, store::ControlStore& store, std::string key, Duration ttl)
      : shard_(shard), store_(store), key_(std::move(key)), ttl_(ttl) {}

  // Whether it is held here; takes it where nobody holds it. Errors: those of the store.
  runtime::Task<Result<bool>> hold();
  // Keeps what is held here, until it is cancelled.
  runtime::Task<bool> keep();

 private:
  runtime::Task<Result<bool>> take();

  runtime::Shard& shard_;
  store::ControlStore& store_;
  std::string key_;
  Duration ttl_;
  std::uint64_t lease_ = 0;  // 0: it is not held here
};

}  // namespace portolan::control
