#include "cli/child_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace portolan::cli {
namespace {

class ChildProcess : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "childXXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  ChildOrder shell(const std::string& script) const {
    return {.arguments = {"/bin/sh", "-c", script}, .environment = {}, .log = folder_ + "/log"};
  }
  std::string log() const {
    std::ifstream file(folder_ + "/log");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // Blocks until the child has ended.
  static int end_of(pid_t child) {
    siginfo_t info{};
    waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
    return take_end_of_child(child).value_or(-1);
  }

  std::string folder_;
};

// A pipe whose writing end only others hold: it ends when they are gone.
struct LifeLine {
  int ends[2] = {-1, -1};
  LifeLine() { EXPECT_EQ(pipe(ends), 0); }
  // True when everybody who held the other end has died within the bound.
  bool all_gone() {
    pollfd waiting{.fd = ends[0], .events = POLLIN, .revents = 0};
    char byte = 0;
    constexpr int bound_ms = 20'000;
    return ::poll(&waiting, 1, bound_ms) == 1 && read(ends[0], &byte, 1) == 0;
  }
};

TEST_F(ChildProcess, SaysWhatCouldNotBeRun) {
  const auto child =
      start_child({.arguments = {"/nowhere/x"}, .environment = {}, .log = folder_ + "/log"});
  ASSERT_FALSE(child);
  EXPECT_NE(child.error().message.find("/nowhere/x: No such file"), std::string::npos);
}

TEST_F(ChildProcess, SaysWhichLogCannotBeWritten) {
  ChildOrder order = shell("true");
  order.log = folder_ + "/no/log";
  const auto child = start_child(order);
  ASSERT_FALSE(child);
  EXPECT_NE(child.error().message.find("no/log"), std::string::npos);
}

TEST_F(ChildProcess, LogsBothOutputsBehindWhatWasThere) {
  ChildOrder order = shell("echo one; echo $WORD >&2; exit 3");
  order.environment = {"WORD=two"};
  std::ofstream(folder_ + "/log") << "zero\n";
  const auto child = start_child(order);
  ASSERT_TRUE(child);
  EXPECT_EQ(describe_end(end_of(*child)), "ended with code 3");
  EXPECT_EQ(log(), "zero\none\ntwo\n");
}

TEST_F(ChildProcess, HasNoSignalBlocked) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &all, &before), 0);
  const auto child = start_child(shell("kill -TERM $$; sleep 100"));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ASSERT_TRUE(child);
  EXPECT_EQ(describe_end(end_of(*child)), "was killed by signal 15 (Terminated)");
}

TEST_F(ChildProcess, IsNotTakenWhileItRuns) {
  const auto child = start_child(shell("exec sleep 100"));
  ASSERT_TRUE(child);
  EXPECT_EQ(take_end_of_child(*child), std::nullopt);
  signal_child(*child, SIGKILL);
  EXPECT_EQ(describe_end(end_of(*child)), "was killed by signal 9 (Killed)");
  EXPECT_EQ(take_end_of_child(*child), std::nullopt);
}

TEST_F(ChildProcess, TakesItsOwnChildrenAlongWhenItEnds) {
  const std::string fifo = folder_ + "/fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  // The grandchild holds the fifo open for as long as it lives.
  const auto child = start_child(shell("sleep 100 > " + fifo + " & exit 0"));
  ASSERT_TRUE(child);
  LifeLine line;
  close(line.ends[1]);
  close(line.ends[0]);
  line.ends[0] = open(fifo.c_str(), O_RDONLY);
  end_of(*child);
  EXPECT_TRUE(line.all_gone());
}

// The process between, as `up` is, dies by a signal that nobody can catch.
TEST_F(ChildProcess, DiesWithItsParentHoweverThatDies) {
  const std::string fifo = folder_ + "/fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const pid_t parent = fork();
  ASSERT_GE(parent, 0);
  if (parent == 0) {
    (void)start_child(shell("exec sleep 100 > " + fifo));
    pause();
    _exit(0);
  }
  LifeLine line;
  close(line.ends[1]);
  close(line.ends[0]);
  line.ends[0] = open(fifo.c_str(), O_RDONLY);  // returns when the child has it open too
  ASSERT_EQ(kill(parent, SIGKILL), 0);
  EXPECT_TRUE(line.all_gone());
  waitpid(parent, nullptr, 0);
}

}  // namespace
}  // namespace portolan::cli
