#include "cli/join.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "seal/join_token.h"

namespace portolan::cli {
namespace {

struct JoinTest : ::testing::Test {
  std::string folder = ::testing::TempDir() + "/portolan-join-" +
                       ::testing::UnitTest::GetInstance()->current_test_info()->name();
  JoinTest() { std::filesystem::remove_all(folder); }
  ~JoinTest() override { std::filesystem::remove_all(folder); }

  JoinOrder order() const {
    JoinOrder order;
    // Nobody listens at the port of "discard" on loopback.
    order.control = "https://127.0.0.1:9";
    order.token = render_join_token(seal::make_join_token({1}, {2}, std::string(64, 'a')));
    order.folder = folder;
    return order;
  }
};

TEST_F(JoinTest, ATokenThatIsNoneIsRefusedBeforeAnythingIsMade) {
  auto wrong = order();
  wrong.token = "ptj_short";
  EXPECT_EQ(join_network(wrong).error().code, Code::malformed_key);
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST_F(JoinTest, AControlElsewhereIsNotAskedInClear) {
  auto clear = order();
  clear.control = "http://10.0.0.1:7400";
  const auto refused = join_network(clear);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::invalid_parameter);
  EXPECT_NE(refused.error().message.find("https"), std::string::npos) << refused.error().message;
}

TEST_F(JoinTest, ARootFileThatIsMissingIsNamed) {
  auto rooted = order();
  rooted.root = folder + "/no-such-file";
  const auto refused = join_network(rooted);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("no-such-file"), std::string::npos);
}

TEST_F(JoinTest, AFailedTryLeavesItsKeyForTheNextAndNothingElse) {
  const auto read_key = [&] {
    std::ifstream file(folder + "/machine.key");
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  EXPECT_FALSE(join_network(order()));
  const auto key = read_key();
  EXPECT_TRUE(key.starts_with("-----BEGIN PRIVATE KEY-----"));
  const auto mode = std::filesystem::status(folder + "/machine.key").permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_FALSE(join_network(order()));
  EXPECT_EQ(read_key(), key);
  std::size_t files = 0;
  for (const auto& each : std::filesystem::directory_iterator(folder)) files += each.exists();
  EXPECT_EQ(files, 1u);
}

}  // namespace
}  // namespace portolan::cli
