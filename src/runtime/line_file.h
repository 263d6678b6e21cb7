#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/disk.h"
#include "runtime/gate.h"
#include "runtime/shard.h"

namespace portolan::runtime {

// A log that grows line by line without making its writers wait: lines are
// gathered on the shard and appended by another thread.
//
// Lives on: one shard.  Owner: whoever logs.
// Invariants: lines reach the file in order and whole; at most
// `waiting_bytes_max` wait, what comes beyond is counted as dropped.
// close() must be awaited before it is destroyed; it returns when all is written.
class LineFile {
 public:
  LineFile(Shard& shard, std::unique_ptr<AppendFile> file);

  // `line` ends in a line feed.
  void add(std::string_view line);
  Task<void> close();

  std::uint64_t dropped() const { return dropped_; }

 private:
  static constexpr std::size_t waiting_bytes_max = 64 * 1024 * 1024;

  Task<void> write_waiting();

  Shard& shard_;
  std::unique_ptr<AppendFile> file_;
  std::string waiting_;
  bool writing_ = false;
  std::uint64_t dropped_ = 0;
  Gate writer_;
};

}  // namespace portolan::runtime
