// The usage log on the real loop and the real disk.

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>

#include "gateway/usage_inspection.h"
#include "gateway/usage_log.h"
#include "runtime/epoll_shard.h"
#include "runtime/kernel_disk.h"

namespace portolan::gateway {
namespace {

using runtime::Task;

class UsageLogOnDisk : public testing::Test {
 protected:
  UsageLogOnDisk() {
    std::string pattern = testing::TempDir() + "portolan-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~UsageLogOnDisk() override {
    umount2(folder_.c_str(), MNT_DETACH);  // where a test has mounted something
    std::filesystem::remove_all(folder_);
  }

  UsageLogOptions options(std::uint64_t epoch) const {
    return {.network = "demo", .gateway = "a", .epoch = epoch, .folder = folder_};
  }

  std::string folder_;
};

wire::UsageRequest request(int number) {
  wire::UsageRequest request;
  request.request_id = "a-1-" + std::to_string(number);
  return request;
}

wire::UsageClose close_of(int number) {
  wire::UsageClose close;
  close.request = request(number);
  close.outcome = wire::outcome_completed;
  return close;
}

// Every number that was appended whole is told; ends by being killed.
Task<void> append_for_ever(runtime::Shard& shard, UsageLogOptions options, int told) {
  auto log = co_await UsageLog::open(shard, std::move(options));
  check(log.has_value());
  for (int number = 0;; ++number) {
    wire::UsageOpen open{request(number)};
    const Status opened = co_await (*log)->append(std::move(open));
    auto close = close_of(number);
    const Status closed = co_await (*log)->append(std::move(close));
    check(opened && closed && write(told, &number, sizeof number) == sizeof number);
  }
}

struct Ended {
  std::size_t opened = 0;
  std::string refusal;
  std::size_t not_closed = 0;
};

// Opens requests until one is refused, then closes all.
Task<void> fill(runtime::Shard& shard, UsageLogOptions options, Ended& ended) {
  auto opening = co_await UsageLog::open(shard, std::move(options));
  check(opening.has_value());
  UsageLog& log = **opening;
  while (ended.refusal.empty() && ended.opened < 10'000) {
    wire::UsageOpen open{request(static_cast<int>(ended.opened))};
    const Status opened = co_await log.append(std::move(open));
    if (opened) ++ended.opened;
    if (!opened) ended.refusal = name_of(opened.error().code);
  }
  for (std::size_t i = 0; i < ended.opened; ++i) {
    auto close = close_of(static_cast<int>(i));
    close.receipt.assign(2'000, 'x');
    const Status closed = co_await log.append(std::move(close));
    if (!closed) ++ended.not_closed;
  }
  co_await log.close();
}

Task<void> recover(runtime::Shard& shard, UsageLogOptions options) {
  auto log = co_await UsageLog::open(shard, std::move(options));
  check(log.has_value());
  co_await (*log)->close();
}

std::map<std::string, int> closes_in(const std::string& folder) {
  runtime::KernelDisk disk;
  std::map<std::string, int> closes;
  const auto seen = inspect_usage(disk, folder, [&closes](const InspectedRecord& inspected) {
    const auto body = wire::parse_usage_body(inspected.record);
    const auto* close = body && *body ? std::get_if<wire::UsageClose>(&**body) : nullptr;
    if (close != nullptr) ++closes[close->request.request_id];
  });
  EXPECT_TRUE(seen && seen->damages.empty());
  return closes;
}

TEST_F(UsageLogOnDisk, AFullDiskRefusesOpensAndEveryRequestStillCloses) {
  if (mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=4m") != 0) {
    ASSERT_EQ(std::getenv("PORTOLAN_PROOF"), nullptr) << "needs root";
    GTEST_SKIP() << "mounting a small tmpfs takes root: " << std::strerror(errno);
  }
  Ended ended;
  {
    runtime::EpollShard shard;
    shard.run(fill(shard, options(1), ended));
  }
  EXPECT_EQ(ended.refusal, "usage_log_full");
  EXPECT_GT(ended.opened, 400u);
  EXPECT_EQ(ended.not_closed, 0u);
  EXPECT_EQ(closes_in(folder_).size(), ended.opened);
}

TEST_F(UsageLogOnDisk, AProcessThatIsKilledLosesNothingItWasTold) {
  std::array<int, 2> told{};
  ASSERT_EQ(pipe(told.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    runtime::EpollShard shard;
    shard.run(append_for_ever(shard, options(1), told[1]));
    _exit(1);
  }
  close(told[1]);
  int last = -1;
  // Over a few segments; the kill falls wherever it falls.
  while (last < 1'000) ASSERT_EQ(read(told[0], &last, sizeof last), ssize_t{sizeof last});
  kill(child, SIGKILL);
  while (read(told[0], &last, sizeof last) == ssize_t{sizeof last}) {
  }
  close(told[0]);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  {
    runtime::EpollShard shard;
    shard.run(recover(shard, options(2)));
  }
  const auto closes = closes_in(folder_);
  for (int number = 0; number <= last; ++number) {
    EXPECT_TRUE(closes.contains("a-1-" + std::to_string(number))) << number;
  }
  EXPECT_LE(closes.size(), static_cast<std::size_t>(last) + 2) << "one was under way";
  for (const auto& [request_id, count] : closes) EXPECT_EQ(count, 1) << request_id;
}

}  // namespace
}  // namespace portolan::gateway
