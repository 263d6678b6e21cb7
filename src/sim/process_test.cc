#include "sim/process.h"

#include <gtest/gtest.h>

#include "runtime/wait.h"
#include "virtual/universe.h"

namespace portolan::sim {
namespace {

using runtime::Task;

// Writes a file when it starts and another when it is stopped in order.
Task<Status> keep_watch(virtual_time::VirtualShard& shard, runtime::Event& stop) {
  CO_TRY_DO(shard.disk().replace("/started", "yes", false));
  CO_TRY_DO(co_await stop.wait());
  CO_TRY_DO(shard.disk().replace("/stopped", "yes", false));
  co_return Status{};
}

Task<void> kill_and_start_again(virtual_time::VirtualShard& shard, Process& process) {
  process.start();
  co_await process.kill();
  EXPECT_FALSE(process.running());
  EXPECT_FALSE(shard.disk().files().contains("/stopped")) << "it had no time for that";
  EXPECT_FALSE(shard.disk().replace("/late", "no", false)) << "the disk of a dead machine";
  process.start();
  EXPECT_TRUE(process.running());
  EXPECT_TRUE(shard.disk().files().contains("/started"));
  co_await process.stop();
}

TEST(Process, IsKilledWithoutAWordAndStartsAgainOnItsDisk) {
  virtual_time::Universe universe(1);
  auto& shard = universe.add_machine("alone");
  Process process(shard, [&shard](runtime::Event& stop) { return keep_watch(shard, stop); });
  EXPECT_TRUE(universe.run(kill_and_start_again(shard, process), Duration::seconds(1)));
  EXPECT_TRUE(process.outcome());
  EXPECT_EQ(process.kills(), 1u);
  EXPECT_TRUE(shard.disk().files().contains("/stopped"));
}

}  // namespace
}  // namespace portolan::sim
