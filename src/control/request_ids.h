#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "runtime/shard.h"

namespace portolan::control {

// Names for requests in errors and logs, different from those of other starts.
class RequestIds {
 public:
  explicit RequestIds(runtime::Shard& shard) : start_(shard.random().next() >> 32) {}

  std::string next() { return fmt::format("ctl-{:08x}-{}", start_, ++count_); }

 private:
  std::uint64_t start_;
  std::uint64_t count_ = 0;
};

}  // namespace portolan::control
