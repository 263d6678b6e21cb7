#include "meter/revoked_machines.h"

#include "meter/meter_test_support.h"

namespace portolan::meter {
namespace {

using namespace testing;

struct RevokedMachinesTest : ::testing::Test {
  Universe universe{1};
  VirtualShard& shard = universe.add_machine("meter");
};

TEST_F(RevokedMachinesTest, AreRevokedStillAfterAStart) {
  auto first = RevokedMachines::open(shard, "/revoked");
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->add(R"({"machines": ["gw-1", "gw-2"]})"));
  EXPECT_TRUE(first->add(R"({"machines": ["gw-3"]})"));
  const auto second = RevokedMachines::open(shard, "/revoked");
  ASSERT_TRUE(second);
  for (const char* id : {"gw-1", "gw-2", "gw-3"}) EXPECT_TRUE(second->contains(id)) << id;
  EXPECT_FALSE(second->contains("gw-4"));
}

TEST_F(RevokedMachinesTest, AListThatIsNoneAddsNothing) {
  auto machines = RevokedMachines::open(shard, "/revoked");
  for (const char* text :
       {"", "[]", "{}", R"({"machines": "gw-1"})", R"({"machines": ["a", 1]})"}) {
    EXPECT_FALSE(machines->add(text)) << text;
  }
  EXPECT_FALSE(machines->contains("a"));
}

TEST_F(RevokedMachinesTest, ATornFileEndsTheStart) {
  runtime::Disk& disk = shard.disk();
  ASSERT_TRUE(disk.replace("/revoked", R"({"machines": ["gw)"));
  const auto machines = RevokedMachines::open(shard, "/revoked");
  ASSERT_FALSE(machines);
  EXPECT_EQ(machines.error().code, Code::disk_failed);
}

}  // namespace
}  // namespace portolan::meter
