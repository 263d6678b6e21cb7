#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace portolan::runtime {

// A file that only grows.
//
// Lives on: any thread. Appends come one after another; sync() may run beside one,
// and then covers what was appended before it began.  Owner: whoever opened it.
class AppendFile {
 public:
  AppendFile() = default;
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;
  virtual ~AppendFile() = default;

  // All bytes, or a Fault (disk_full, disk_failed) and perhaps some of them.
  virtual Status append(std::string_view bytes) = 0;
  virtual Status sync() = 0;
};

// The disk seam. Every call blocks: at start it is called as it is, later
// through offload(). Paths are as the system's; errors are disk_failed,
// disk_full, and resource_not_found where the file is missing.
class Disk {
 public:
  Disk() = default;
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  virtual ~Disk() = default;

  // The whole file; limit_exceeded when it has more than `bytes_max`.
  virtual Result<std::string> read(const std::string& path, std::size_t bytes_max) = 0;
  // Replaces the file as a whole: after a crash it holds the old bytes or the
  // new ones (write aside, fsync, rename, fsync of the folder). `secret`: mode
  // 0600 from the first byte.
  virtual Status replace(const std::string& path, std::string_view bytes, bool secret = false) = 0;
  // A missing file is no error.
  virtual Status remove(const std::string& path) = 0;
  virtual Status make_folder(const std::string& path) = 0;  // with its parents
  // Names in a folder, sorted.
  virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
  virtual Result<std::unique_ptr<AppendFile>> open_append(const std::string& path) = 0;
  // A new file of `bytes` zeros whose room is taken, so that appending, which
  // begins at its start, cannot run out of disk before them. disk_full when there
  // is no such room; a file of that name is replaced.
  virtual Result<std::unique_ptr<AppendFile>> create_preallocated(const std::string& path,
                                                                  std::size_t bytes) = 0;
  // Up to `bytes_max` from `offset` on; fewer only where the file ends.
  virtual Result<std::string> read_range(const std::string& path, std::size_t offset,
                                         std::size_t bytes_max) = 0;
};

}  // namespace portolan::runtime
