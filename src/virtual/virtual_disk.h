#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "runtime/disk.h"

namespace portolan::virtual_time {

class VirtualShard;

// What is wrong with a disk for a while.
enum class DiskTrouble : std::uint8_t {
  none,
  refuses,     // every write fails
  full,        // no room is left; what was preallocated can be written
  sync_fails,  // bytes are taken and cannot be made safe
};

// A disk in memory. Outlives what runs on its machine, so that a restart finds
// what was written. A write that fails leaves a file that is replaced as it was,
// and of what is appended perhaps some bytes.
//
// Invariant: what was appended since the last sync() outlives the process and
// not the machine.
class VirtualDisk final : public runtime::Disk {
 public:
  explicit VirtualDisk(VirtualShard& machine) : machine_(machine) {}

  void set_trouble(DiskTrouble trouble) { trouble_ = trouble; }
  // The machine lost its power: of what was not synced a part is there, torn at
  // any byte, or with blocks missing in the middle.
  void lose_unsynced();

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

  // Bytes of a file that a power cut takes.
  struct Unsynced {
    std::size_t from = 0;
    std::size_t to = 0;
  };

  Status may_write(const std::string& path);
  Status may_sync(const std::string& path);
  // How much of an append that failed was written.
  std::size_t torn_at(std::size_t bytes);
  Status fail_write(const std::string& path, Code code, std::string_view name);
  void put(const std::string& path, std::size_t at, std::string_view bytes);
  void lose(std::string& file, std::size_t safe_size, Unsynced bytes);

  VirtualShard& machine_;
  DiskTrouble trouble_ = DiskTrouble::none;
  std::map<std::string, std::string> files_;
  std::map<std::string, std::size_t> preallocated_;  // sizes
  std::map<std::string, Unsynced> unsynced_;
};

}  // namespace portolan::virtual_time
