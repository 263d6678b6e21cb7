#pragma once

#include "base/time.h"
#include "runtime/cancel.h"
#include "runtime/shard.h"

namespace portolan::http {

// A scope that ends by itself, with timed_out, when it is not postponed in time.
class StallScope final : public runtime::CancelScope, private runtime::Timer {
 public:
  StallScope(runtime::Shard& shard, runtime::CancelScope* parent, Duration patience)
      : CancelScope(parent), shard_(shard) {
    shard_.arm(*this, shard_.now() + patience);
  }
  ~StallScope() { shard_.disarm(*this); }

  // From now on there is `patience` again.
  void postpone(Duration patience) {
    shard_.disarm(*this);
    shard_.arm(*this, shard_.now() + patience);
  }

 private:
  void fired() override { cancel(Code::timed_out); }

  runtime::Shard& shard_;
};

}  // namespace portolan::http
