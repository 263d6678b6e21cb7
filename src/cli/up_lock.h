#pragma once

#include <string>

#include "base/result.h"

namespace portolan::cli {

// The right to run the network of one home. The kernel gives it back when this
// process ends, however it ends.
class HomeLock {
 public:
  // Errors: resource_conflict,
  // naming the process that holds it; disk_failed.
  static Result<HomeLock> take(const std::string& path);

  HomeLock(HomeLock&& other) noexcept;
  HomeLock& operator=(HomeLock&&) = delete;
  ~HomeLock();

 private:
  explicit HomeLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace portolan::cli
