#include "cli/up_supervisor.h"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "cli/up_lock.h"
#include "runtime/epoll_shard.h"
#include "runtime/signals.h"

namespace portolan::cli {
namespace {

class UpSupervisor : public testing::Test {
 protected:
  UpSupervisor() : signals_(shard_, {SIGCHLD}) {}

  void SetUp() override {
    std::string pattern = testing::TempDir() + "homeXXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    home_.folder = pattern;
    std::filesystem::create_directory(home_.logs());
  }
  void TearDown() override { std::filesystem::remove_all(home_.folder); }

  static ProcessPlan shell(const std::string& script) {
    return {.role = ProcessPlan::Role::engine,
            .name = "engine",
            .arguments = {"/bin/sh", "-c", script},
            .environment = {}};
  }

  runtime::EpollShard shard_;
  runtime::Signals signals_;
  Home home_;
};

// Waits for one child's end and tells the supervisor.
runtime::Task<void> take_one_end(runtime::Signals& signals, Supervisor& supervisor) {
  (void)co_await signals.wait();
  supervisor.take_ends();
}

TEST_F(UpSupervisor, TellsWhatAChildSaidLast) {
  Supervisor supervisor(shard_, home_, 1);
  const ProcessPlan plan = shell("echo the disk is on fire; exit 4");
  ASSERT_TRUE(supervisor.start(plan));
  shard_.run(take_one_end(signals_, supervisor));
  const auto sentence = supervisor.describe_dead();
  ASSERT_TRUE(sentence);
  EXPECT_NE(sentence->find("engine ended with code 4"), std::string::npos);
  EXPECT_NE(sentence->find("the disk is on fire"), std::string::npos);
  shard_.run(supervisor.end());
}

runtime::Task<void> wait_for_restart(runtime::Signals& signals, Supervisor& supervisor) {
  co_await take_one_end(signals, supervisor);
  while (supervisor.pid_of("engine") == 0) (void)co_await supervisor.changed().wait();
}

// Ends the children, taking their ends as `up` does.
runtime::Task<void> follow(runtime::Signals& signals, Supervisor& supervisor) {
  for (;;) {
    const auto number = co_await signals.wait();
    if (!number) co_return;
    supervisor.take_ends();
  }
}

runtime::Task<void> end_all(runtime::Shard& shard, runtime::Signals& signals,
                            Supervisor& supervisor) {
  runtime::Gate beside(shard, 1);
  beside.start(follow(signals, supervisor));
  co_await supervisor.end();
  co_await beside.close();
}

TEST_F(UpSupervisor, StartsAgainWhatDied) {
  Supervisor supervisor(shard_, home_, 1);
  supervisor.begin_restarts();
  const ProcessPlan plan = shell("exec sleep 100");
  ASSERT_TRUE(supervisor.start(plan));
  const pid_t first = supervisor.pid_of("engine");
  kill(first, SIGKILL);
  shard_.run(wait_for_restart(signals_, supervisor));
  EXPECT_NE(supervisor.pid_of("engine"), first);
  shard_.run(end_all(shard_, signals_, supervisor));
  EXPECT_EQ(supervisor.pid_of("engine"), 0);
}

TEST_F(UpSupervisor, StartsNothingAgainUnlessTold) {
  Supervisor supervisor(shard_, home_, 1);
  const ProcessPlan plan = shell("exit 1");
  ASSERT_TRUE(supervisor.start(plan));
  shard_.run(take_one_end(signals_, supervisor));
  EXPECT_TRUE(supervisor.describe_dead());
  shard_.run(supervisor.end());
}

TEST_F(UpSupervisor, KillsWhoDoesNotEnd) {
  Supervisor supervisor(shard_, home_, 1);
  const ProcessPlan plan = shell("trap '' TERM; while :; do sleep 1; done");
  ASSERT_TRUE(supervisor.start(plan));
  const pid_t pid = supervisor.pid_of("engine");
  supervisor.kill_all();
  shard_.run(end_all(shard_, signals_, supervisor));
  EXPECT_EQ(kill(pid, 0), -1);
}

TEST_F(UpSupervisor, LetsOneProcessRunAHome) {
  const auto first = HomeLock::take(home_.lock());
  ASSERT_TRUE(first);
  const auto second = HomeLock::take(home_.lock());
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("process " + std::to_string(getpid())), std::string::npos);
}

}  // namespace
}  // namespace portolan::cli
