#include "runtime/kernel_disk.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace portolan::runtime {
namespace {

Fault disk_fault(const std::string& what, int error) {
  const Code code = error == ENOSPC || error == EDQUOT ? Code::disk_full
                    : error == ENOENT                  ? Code::resource_not_found
                                                       : Code::disk_failed;
  return {code, Retry::never, what + ": " + std::strerror(error)};
}

// Closes on every way out.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

Result<Descriptor> open_file(const std::string& path, int flags, mode_t mode = 0644) {
  const int number = open(path.c_str(), flags | O_CLOEXEC, mode);
  if (number < 0) return disk_fault(path, errno);
  return Descriptor(number);
}

Status write_whole(int descriptor, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return disk_fault(path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status sync_to_disk(int descriptor, const std::string& path) {
  if (fsync(descriptor) != 0) return disk_fault(path, errno);
  return {};
}

Status sync_folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  TRY(const Descriptor parent, open_file(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY));
  return sync_to_disk(parent.number(), folder);
}

class KernelAppendFile final : public AppendFile {
 public:
  KernelAppendFile(Descriptor descriptor, std::string path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Status append(std::string_view bytes) override {
    return write_whole(descriptor_.number(), bytes, path_);
  }
  Status sync() override {
    if (fdatasync(descriptor_.number()) != 0) return disk_fault(path_, errno);
    return {};
  }

 private:
  Descriptor descriptor_;
  std::string path_;
};

}  // namespace

Result<std::string> KernelDisk::read(const std::string& path, std::size_t bytes_max) {
  TRY(const Descriptor file, open_file(path, O_RDONLY));
  std::string bytes;
  constexpr std::size_t step = 64 * 1024;
  for (;;) {
    const std::size_t have = bytes.size();
    bytes.resize(have + step);
    const ssize_t got = ::read(file.number(), bytes.data() + have, step);
    const int error = errno;
    bytes.resize(have + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got < 0 && error == EINTR) continue;
    if (got < 0) return disk_fault(path, error);
    if (got == 0) return bytes;
    if (bytes.size() > bytes_max) {
      return Fault{Code::limit_exceeded, Retry::never,
                   path + " has more than " + std::to_string(bytes_max) + " bytes"};
    }
  }
}

Status KernelDisk::replace(const std::string& path, std::string_view bytes, bool secret) {
  const std::string aside = path + ".new";
  {
    // A file left by a crash may have another mode.
    unlink(aside.c_str());
    TRY(const Descriptor file,
        open_file(aside, O_WRONLY | O_CREAT | O_TRUNC, secret ? 0600 : 0644));
    TRY_DO(write_whole(file.number(), bytes, aside));
    TRY_DO(sync_to_disk(file.number(), aside));
  }
  if (rename(aside.c_str(), path.c_str()) != 0) return disk_fault(path, errno);
  return sync_folder_of(path);
}

Status KernelDisk::remove(const std::string& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return disk_fault(path, errno);
  return {};
}

Status KernelDisk::make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return disk_fault(path, error.value());
  return {};
}

Result<std::vector<std::string>> KernelDisk::list(const std::string& path) {
  std::error_code error;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) return disk_fault(path, error.value());
  std::ranges::sort(names);
  return names;
}

Result<std::unique_ptr<AppendFile>> KernelDisk::open_append(const std::string& path) {
  TRY(Descriptor file, open_file(path, O_WRONLY | O_CREAT | O_APPEND, 0640));
  return std::make_unique<KernelAppendFile>(std::move(file), path);
}

Result<std::unique_ptr<AppendFile>> KernelDisk::create_preallocated(const std::string& path,
                                                                    std::size_t bytes) {
  TRY(Descriptor file, open_file(path, O_WRONLY | O_CREAT | O_TRUNC, 0640));
  const int error = posix_fallocate(file.number(), 0, static_cast<off_t>(bytes));
  if (error != 0) {
    unlink(path.c_str());
    return disk_fault(path, error);
  }
  TRY_DO(sync_to_disk(file.number(), path));
  TRY_DO(sync_folder_of(path));
  return std::make_unique<KernelAppendFile>(std::move(file), path);
}

Result<std::string> KernelDisk::read_range(const std::string& path, std::size_t offset,
                                           std::size_t bytes_max) {
  TRY(const Descriptor file, open_file(path, O_RDONLY));
  std::string bytes(bytes_max, '\0');
  std::size_t have = 0;
  while (have < bytes_max) {
    const ssize_t got = pread(file.number(), bytes.data() + have, bytes_max - have,
                              static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return disk_fault(path, errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

}  // namespace portolan::runtime
