#include "cli/network_file.h"

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

NetworkFile example() {
  NetworkFile file;
  file.pid = 7;
  file.control_pid = 8;
  file.meter_pid = 11;
  file.regions = {{"eu-central-1", "http://127.0.0.1:1"}};
  file.zones = {{.name = "eu-central-1a",
                 .region = "eu-central-1",
                 .gateway_url = "http://127.0.0.1:2",
                 .gateway_pid = 9,
                 .engine_url = "http://127.0.0.1:3",
                 .engine_pid = 10}};
  file.workspaces = {{"eu", "eu", "ptl_abc_secret"}};
  file.admin = {"http://127.0.0.1:4", "key"};
  return file;
}

TEST(NetworkFile, IsRefusedWhenItIsNoObject) {
  EXPECT_FALSE(parse_network_file(""));
  EXPECT_FALSE(parse_network_file("[]"));
}

TEST(NetworkFile, HasWhatIsMissingAsEmpty) {
  const auto file = parse_network_file(R"({"zones": [{"name": "a", "gateway_pid": "x"}, 3]})");
  ASSERT_TRUE(file);
  ASSERT_EQ(file->zones.size(), 2u);
  EXPECT_EQ(file->zones[0].gateway_pid, 0);
  EXPECT_TRUE(file->workspaces.empty());
}

TEST(NetworkFile, ReadsBackAsItWasWritten) {
  const auto file = parse_network_file(render_network_file(example()));
  ASSERT_TRUE(file);
  EXPECT_EQ(*file, example());
}

TEST(NetworkFile, FindsTheIdInAKey) {
  EXPECT_EQ(key_id_of("ptl_abc_secret"), "abc");
  EXPECT_EQ(key_id_of("ptl_abc"), "");
  EXPECT_EQ(key_id_of("sk-abc_d"), "");
}

}  // namespace
}  // namespace portolan::cli
