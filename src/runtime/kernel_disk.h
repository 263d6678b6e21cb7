#pragma once

#include "runtime/disk.h"

namespace portolan::runtime {

// The Disk seam on the kernel's file systems. Any thread.
class KernelDisk final : public Disk {
 public:
  Result<std::string> read(const std::string& path, std::size_t bytes_max) override;
  Status replace(const std::string& path, std::string_view bytes, bool secret) override;
  Status remove(const std::string& path) override;
  Status make_folder(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& path) override;
  Result<std::unique_ptr<AppendFile>> open_append(const std::string& path) override;
  Result<std::unique_ptr<AppendFile>> create_preallocated(const std::string& path,
                                                          std::size_t bytes) override;
  Result<std::string> read_range(const std::string& path, std::size_t offset,
                                 std::size_t bytes_max) override;
};

}  // namespace portolan::runtime
