#pragma once

#include <map>
#include <string>

#include "runtime/disk.h"

namespace portolan::virtual_time {

class VirtualShard;

// A disk in memory. Outlives what runs on its machine, so that a restart finds
// what was written; a fault leaves the file as it was, unless it tears an append.
class VirtualDisk final : public runtime::Disk {
 public:
  explicit VirtualDisk(VirtualShard& machine) : machine_(machine) {}

  Result<std::string> read(const std::string& path, std::size_t bytes_max) override;
  Status replace(const std::string& path, std::string_view bytes, bool secret) override;
  Status remove(const std::string& path) override;
  Status make_folder(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& path) override;
  Result<std::unique_ptr<runtime::AppendFile>> open_append(const std::string& path) override;
  Result<std::unique_ptr<runtime::AppendFile>> create_preallocated(const std::string& path,
                                                                   std::size_t bytes) override;
  Result<std::string> read_range(const std::string& path, std::size_t offset,
                                 std::size_t bytes_max) override;

  // All files by path, to look at and to spoil.
  std::map<std::string, std::string>& files() { return files_; }

 private:
  friend class VirtualAppendFile;
  Status may_write(const std::string& path);
  Status may_sync(const std::string& path);
  // How much of an append that failed was written.
  std::size_t torn_at(std::size_t bytes);

  VirtualShard& machine_;
  std::map<std::string, std::string> files_;
};

}  // namespace portolan::virtual_time
