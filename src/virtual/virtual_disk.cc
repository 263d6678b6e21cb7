#include "virtual/virtual_disk.h"

#include <algorithm>
#include <utility>

#include "virtual/universe.h"
#include "virtual/virtual_shard.h"

namespace portolan::virtual_time {

class VirtualAppendFile final : public runtime::AppendFile {
 public:
  // `at`: where the first byte goes; bytes that stand there are overwritten.
  VirtualAppendFile(VirtualDisk& disk, std::string path, std::size_t at)
      : disk_(disk), path_(std::move(path)), at_(at) {}

  Status append(std::string_view bytes) override {
    const Status may = disk_.may_write(path_);
    if (!may) bytes = bytes.substr(0, disk_.torn_at(bytes.size()));
    std::string& file = disk_.files_[path_];
    file.replace(std::min(at_, file.size()), bytes.size(), bytes);
    at_ += bytes.size();
    return may;
  }
  Status sync() override { return disk_.may_sync(path_); }

 private:
  VirtualDisk& disk_;
  std::string path_;
  std::size_t at_;
};

Status VirtualDisk::may_write(const std::string& path) {
  Universe& universe = machine_.universe();
  const bool fails = universe.random().chance(universe.faults().disk_failed);
  if (!fails && !machine_.is_cut_off()) return {};
  if (fails) ++universe.faults().happened["disk_failed"];
  universe.note(machine_.name(), "disk_failed " + path);
  return Fault{Code::disk_failed, Retry::never, path + ": the disk refuses"};
}

std::size_t VirtualDisk::torn_at(std::size_t bytes) {
  Universe& universe = machine_.universe();
  const double torn = universe.faults().disk_torn;
  if (torn == 0 || machine_.is_cut_off() || !universe.random().chance(torn)) return 0;
  return universe.random().below(bytes);
}

Status VirtualDisk::may_sync(const std::string& path) {
  Universe& universe = machine_.universe();
  const double failed = universe.faults().sync_failed;
  if (failed == 0 || !universe.random().chance(failed)) return {};
  ++universe.faults().happened["sync_failed"];
  universe.note(machine_.name(), "sync_failed " + path);
  return Fault{Code::disk_failed, Retry::never, path + ": the disk did not keep it"};
}

Result<std::string> VirtualDisk::read(const std::string& path, std::size_t bytes_max) {
  const auto file = files_.find(path);
  if (file == files_.end()) {
    return Fault{Code::resource_not_found, Retry::never, path + ": no such file"};
  }
  if (file->second.size() > bytes_max) {
    return Fault{Code::limit_exceeded, Retry::never, path + ": larger than its limit"};
  }
  return file->second;
}

Status VirtualDisk::replace(const std::string& path, std::string_view bytes, bool) {
  TRY_DO(may_write(path));
  files_[path] = std::string(bytes);
  return {};
}

Status VirtualDisk::remove(const std::string& path) {
  files_.erase(path);
  return {};
}

Status VirtualDisk::make_folder(const std::string&) { return {}; }

Result<std::vector<std::string>> VirtualDisk::list(const std::string& path) {
  const std::string prefix = path + "/";
  std::vector<std::string> names;
  for (auto file = files_.lower_bound(prefix);
       file != files_.end() && file->first.starts_with(prefix); ++file) {
    const std::string name = file->first.substr(prefix.size());
    if (name.find('/') == std::string::npos) names.push_back(name);
  }
  return names;
}

Result<std::unique_ptr<runtime::AppendFile>> VirtualDisk::open_append(const std::string& path) {
  const auto file = files_.try_emplace(path).first;
  return std::make_unique<VirtualAppendFile>(*this, path, file->second.size());
}

Result<std::unique_ptr<runtime::AppendFile>> VirtualDisk::create_preallocated(
    const std::string& path, std::size_t bytes) {
  TRY_DO(may_write(path));
  files_[path] = std::string(bytes, '\0');
  return std::make_unique<VirtualAppendFile>(*this, path, 0);
}

Result<std::string> VirtualDisk::read_range(const std::string& path, std::size_t offset,
                                            std::size_t bytes_max) {
  const auto file = files_.find(path);
  if (file == files_.end()) {
    return Fault{Code::resource_not_found, Retry::never, path + ": no such file"};
  }
  return offset < file->second.size() ? file->second.substr(offset, bytes_max) : std::string();
}

}  // namespace portolan::virtual_time
