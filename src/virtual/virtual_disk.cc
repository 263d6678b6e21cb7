#include "virtual/virtual_disk.h"

#include <algorithm>
#include <utility>

#include "virtual/universe.h"
#include "virtual/virtual_shard.h"

namespace portolan::virtual_time {

namespace {

constexpr std::size_t block_bytes = 512;

}  // namespace

class VirtualAppendFile final : public runtime::AppendFile {
 public:
  // `at`: where the first byte goes; bytes that stand there are overwritten.
  VirtualAppendFile(VirtualDisk& disk, std::string path, std::size_t at)
      : disk_(disk), path_(std::move(path)), at_(at) {}

  Status append(std::string_view bytes) override;
  Status sync() override;

 private:
  VirtualDisk& disk_;
  std::string path_;
  std::size_t at_;
};

Status VirtualAppendFile::append(std::string_view bytes) {
  const auto room = disk_.preallocated_.find(path_);
  const bool has_room = room != disk_.preallocated_.end() && at_ + bytes.size() <= room->second;
  const Status may = has_room && disk_.trouble_ == DiskTrouble::full ? Status{}
                                                                     : disk_.may_write(path_);
  if (!may) bytes = bytes.substr(0, disk_.torn_at(bytes.size()));
  disk_.put(path_, at_, bytes);
  at_ += bytes.size();
  return may;
}

Status VirtualAppendFile::sync() {
  TRY_DO(disk_.may_sync(path_));
  disk_.unsynced_.erase(path_);
  return {};
}

// Of a machine that is gone nothing is written any more.
std::size_t VirtualDisk::torn_at(std::size_t bytes) {
  Universe& universe = machine_.universe();
  if (bytes == 0 || machine_.is_cut_off()) return 0;
  const double torn = trouble_ == DiskTrouble::none ? universe.faults().disk_torn : 0.5;
  if (torn == 0 || !universe.random().chance(torn)) return 0;
  return universe.random().below(bytes);
}

Status VirtualDisk::may_sync(const std::string& path) {
  if (machine_.is_cut_off()) return may_write(path);
  Universe& universe = machine_.universe();
  const double failed = universe.faults().sync_failed;
  const bool fails = failed > 0 && universe.random().chance(failed);
  if (!fails && trouble_ != DiskTrouble::sync_fails) return {};
  return fail_write(path, Code::disk_failed, "disk_sync_failed");
}

void VirtualDisk::put(const std::string& path, std::size_t at, std::string_view bytes) {
  if (bytes.empty()) return;
  std::string& file = files_[path];
  at = std::min(at, file.size());
  file.replace(at, bytes.size(), bytes);
  const auto [found, first] = unsynced_.try_emplace(path, Unsynced{at, at});
  found->second.to = std::max(found->second.to, at + bytes.size());
}

// A block that is missing is zeros; a file ends where its last block does.
void VirtualDisk::lose(std::string& file, std::size_t safe_size, Unsynced bytes) {
  Random& random = machine_.universe().random();
  bytes.to = std::min(bytes.to, file.size());
  if (bytes.from >= bytes.to) return;
  if (random.chance(0.3)) {
    for (std::size_t at = bytes.from; at < bytes.to; at += block_bytes) {
      const std::size_t length = std::min(block_bytes, bytes.to - at);
      if (random.chance(0.5)) file.replace(at, length, length, '\0');
    }
    return;
  }
  const std::size_t torn = bytes.from + random.below(bytes.to - bytes.from + 1);
  file.resize(torn);
  file.resize(std::max(torn, safe_size), '\0');
}

void VirtualDisk::lose_unsynced() {
  for (const auto& [path, bytes] : unsynced_) {
    const auto file = files_.find(path);
    if (file == files_.end()) continue;
    const auto room = preallocated_.find(path);
    lose(file->second, room == preallocated_.end() ? 0 : room->second, bytes);
  }
  unsynced_.clear();
}

Status VirtualDisk::fail_write(const std::string& path, Code code, std::string_view name) {
  ++machine_.universe().faults().happened[std::string(name)];
  machine_.universe().note(machine_.name(), std::string(name) + " " + path);
  return Fault{code, Retry::never, path + ": the disk refuses"};
}

Status VirtualDisk::may_write(const std::string& path) {
  Universe& universe = machine_.universe();
  const bool fails = universe.random().chance(universe.faults().disk_failed);
  if (machine_.is_cut_off()) {
    universe.note(machine_.name(), "wrote too late " + path);
    return Fault{Code::disk_failed, Retry::never, path + ": the machine is gone"};
  }
  if (fails || trouble_ == DiskTrouble::refuses) {
    return fail_write(path, Code::disk_failed, "disk_failed");
  }
  if (trouble_ == DiskTrouble::full) return fail_write(path, Code::disk_full, "disk_full");
  return {};
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
  if (trouble_ == DiskTrouble::sync_fails) TRY_DO(may_sync(path));
  files_[path] = std::string(bytes);
  machine_.universe().show_file({machine_.name(), path, bytes});
  preallocated_.erase(path);
  unsynced_.erase(path);
  return {};
}

Status VirtualDisk::remove(const std::string& path) {
  const bool refuses = machine_.is_cut_off() || trouble_ == DiskTrouble::refuses;
  if (refuses) TRY_DO(may_write(path));
  files_.erase(path);
  preallocated_.erase(path);
  unsynced_.erase(path);
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
  preallocated_[path] = bytes;
  unsynced_.erase(path);
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
