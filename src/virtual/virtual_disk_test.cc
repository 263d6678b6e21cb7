#include "virtual/virtual_disk.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "virtual/universe.h"
#include "virtual/virtual_shard.h"

namespace portolan::virtual_time {
namespace {

constexpr const char* path = "/log";

TEST(VirtualDisk, AFullDiskStillTakesWhatWasPreallocated) {
  Universe universe(1);
  VirtualDisk& disk = universe.add_machine("alone").disk();
  auto file = disk.create_preallocated(path, 8);
  ASSERT_TRUE(file);
  disk.set_trouble(DiskTrouble::full);
  EXPECT_TRUE((*file)->append("12345678"));
  const Status over = (*file)->append("9");
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, Code::disk_full);
  EXPECT_FALSE(disk.create_preallocated("/other", 8));
  EXPECT_EQ(universe.faults().happened["disk_full"], 2u);
}

TEST(VirtualDisk, BytesThatCannotBeSyncedAreLostWithTheMachine) {
  Universe universe(1);
  VirtualShard& machine = universe.add_machine("alone");
  auto file = machine.disk().open_append(path);
  EXPECT_TRUE((*file)->append("safe"));
  EXPECT_TRUE((*file)->sync());
  machine.disk().set_trouble(DiskTrouble::sync_fails);
  EXPECT_TRUE((*file)->append(" or not"));
  EXPECT_FALSE((*file)->sync());
  for (int cuts = 0; cuts < 100; ++cuts) machine.disk().lose_unsynced();
  EXPECT_TRUE(machine.disk().files()[path].starts_with("safe"));
}

TEST(VirtualDisk, ThatAProcessDiesTakesNothing) {
  Universe universe(1);
  VirtualShard& machine = universe.add_machine("alone");
  auto file = machine.disk().open_append(path);
  EXPECT_TRUE((*file)->append("not synced"));
  universe.cut_off(machine);
  EXPECT_FALSE((*file)->append("of a process that is dead"));
  universe.restore(machine);
  EXPECT_EQ(machine.disk().files()[path], "not synced");
}

// Every length is seen, blocks that are missing in the middle too.
TEST(VirtualDisk, ALossOfPowerTearsAtAnyByte) {
  std::set<std::string> left;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Universe universe(seed);
    VirtualShard& machine = universe.add_machine("alone");
    auto file = machine.disk().create_preallocated(path, 6);
    EXPECT_TRUE((*file)->append("ab"));
    EXPECT_TRUE((*file)->sync());
    EXPECT_TRUE((*file)->append("cde"));
    universe.cut_power(machine);
    left.insert(machine.disk().files()[path]);
  }
  using namespace std::string_literals;
  EXPECT_EQ(left, (std::set{"ab\0\0\0\0"s, "abc\0\0\0"s, "abcd\0\0"s, "abcde\0"s}));
}

}  // namespace
}  // namespace portolan::virtual_time
