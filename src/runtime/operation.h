#pragma once

#include <cstddef>

#include "base/result.h"

namespace portolan::runtime {

// The completion of one thing that was started: a read, a write, an accept.
// Whoever started it owns it and keeps it in place until done() was called.
class Operation {
 public:
  Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  // Set before done(): bytes moved, or why not.
  Result<std::size_t> outcome = std::size_t{0};

  // Called from the shard's loop, once for every start that did not complete
  // at once. May start the next operation; may destroy this.
  virtual void done() = 0;

 protected:
  ~Operation() = default;

 private:
  friend class Shard;
  Operation* next_ready_ = nullptr;
  bool queued_ = false;
};

}  // namespace portolan::runtime
