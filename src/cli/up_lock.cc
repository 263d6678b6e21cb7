#include "cli/up_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace portolan::cli {
namespace {

std::string read_holder(int descriptor) {
  std::array<char, 32> text{};
  const ssize_t got = pread(descriptor, text.data(), text.size() - 1, 0);
  return got > 0 ? "process " + std::string(text.data()) : "another process";
}

}  // namespace

Result<HomeLock> HomeLock::take(const std::string& path) {
  HomeLock lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.descriptor_ < 0) {
    return Fault{Code::disk_failed, Retry::never, path + ": " + std::strerror(errno)};
  }
  if (flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    return Fault{Code::resource_conflict, Retry::later,
                 read_holder(lock.descriptor_) +
                     " runs the network of this home already; end it first, or use another home "
                     "with --home"};
  }
  const std::string text = std::to_string(getpid());
  if (ftruncate(lock.descriptor_, 0) != 0 ||
      pwrite(lock.descriptor_, text.data(), text.size(), 0) < 0) {
    return Fault{Code::disk_failed, Retry::never, path + ": " + std::strerror(errno)};
  }
  return lock;
}

HomeLock::HomeLock(HomeLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

HomeLock::~HomeLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace portolan::cli
