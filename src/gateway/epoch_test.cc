#include "gateway/epoch.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "runtime/epoll_shard.h"

namespace portolan::gateway {
namespace {

struct EpochTest : ::testing::Test {
  std::string folder = ::testing::TempDir() + "portolan-epoch-" +
                       ::testing::UnitTest::GetInstance()->current_test_info()->name();
  runtime::EpollShard shard;
  EpochTest() { renew_disk(); }
  ~EpochTest() override { std::filesystem::remove_all(folder); }

  void renew_disk() {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directory(folder);
  }
  std::uint64_t start_at(std::int64_t seconds) {
    return raise_epoch(shard.disk(), folder, WallTime::from_unix_seconds(seconds)).value_or(0);
  }
};

TEST_F(EpochTest, AFileThatHoldsNoNumberIsNamedAndNotReplaced) {
  std::ofstream(folder + "/epoch") << "nonsense";
  const auto raised = raise_epoch(shard.disk(), folder, WallTime::from_unix_seconds(1));
  ASSERT_FALSE(raised);
  EXPECT_TRUE(raised.error().message.contains(folder + "/epoch"));
  EXPECT_EQ(start_at(2), 0u);
}

TEST_F(EpochTest, RisesWhereTheClockStandsOrGoesBack) {
  const auto first = start_at(1'800'000'000);
  EXPECT_EQ(start_at(1'800'000'000), first + 1);
  EXPECT_EQ(start_at(1'700'000'000), first + 2);
  EXPECT_EQ(start_at(-1), first + 3);
}

TEST_F(EpochTest, ADiskThatWasLostOrPutBackUsesNoneAgain) {
  start_at(1'800'000'000);
  std::filesystem::copy_file(folder + "/epoch", folder + ".old");
  const auto last = start_at(1'800'000'500);
  std::filesystem::rename(folder + ".old", folder + "/epoch");
  EXPECT_GT(start_at(1'800'000'900), last);
  const auto newest = start_at(1'800'001'000);
  renew_disk();
  EXPECT_GT(start_at(1'800'001'001), newest);
}

}  // namespace
}  // namespace portolan::gateway
