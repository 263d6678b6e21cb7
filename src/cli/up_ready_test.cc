#include "cli/up_ready.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "runtime/epoll_shard.h"
#include "world/validate.h"

namespace portolan::cli {
namespace {

constexpr const char* region = R"(
apiVersion: portolan/v1
kind: Region
metadata: {name: fra}
spec: {city: Frankfurt, country: DE, latitude: 50.1, longitude: 8.7}
)";
constexpr const char* zone = R"(
apiVersion: portolan/v1
kind: Zone
metadata: {name: fra-b}
spec: {region: fra}
)";

class UpReadyFiles : public testing::Test {
 protected:
  void SetUp() override {
    world_ = world::validate({{"fra.yaml", region}}).contents;
    ASSERT_EQ(world_.network.regions.size(), 1u);
    std::string pattern = testing::TempDir() + "readyXXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    ASSERT_TRUE(shard_.disk().make_folder(folder_ + "/other"));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string write(const std::string& name, const std::string& text) {
    EXPECT_TRUE(shard_.disk().replace(folder_ + "/" + name, text));
    return folder_ + "/" + name;
  }
  auto read(const std::vector<std::string>& files) {
    return read_ready_files(shard_.disk(), files, world_);
  }

  runtime::EpollShard shard_;
  std::string folder_;
  world::Contents world_;
};

TEST_F(UpReadyFiles, AFileThatDoesNotFitTheWorldIsRefusedWithItsLine) {
  const auto file = write("bad.yaml", std::string(zone) +
                                          "---\nkind: Opening\nmetadata: "
                                          "{name: b}\nspec: {zone: fra-c}\n");
  const auto ready = read({file});
  ASSERT_FALSE(ready);
  EXPECT_TRUE(ready.error().message.contains("bad.yaml:9:14")) << ready.error().message;
  EXPECT_TRUE(ready.error().message.contains("fra-b")) << ready.error().message;
}

TEST_F(UpReadyFiles, TwoOfOneNameAreRefused) {
  const auto first = write("b.yaml", zone);
  const auto other = write("other/b.yaml", zone);
  const auto ready = read({first, other});
  ASSERT_FALSE(ready);
  EXPECT_TRUE(ready.error().message.contains("called b.yaml")) << ready.error().message;
}

TEST_F(UpReadyFiles, EachIsReadOnTopOfThoseBefore) {
  const auto first = write("b.yaml", zone);
  const auto other = write("open.yaml",
                           "apiVersion: portolan/v1\nkind: Opening\nmetadata: {name: b}\n"
                           "spec: {zone: fra-b}\n");
  const auto ready = read({first, other});
  ASSERT_TRUE(ready) << ready.error().message;
  ASSERT_EQ(ready->size(), 2u);
  EXPECT_EQ((*ready)[1].resources.size(), 1u);
  EXPECT_EQ(with_ready(world_, *ready).network.zones.size(), 1u);
  const Home home{"/home"};
  EXPECT_EQ(opening_command((*ready)[0], home),
            (std::vector<std::string>{"apply", "-f", "/home/ready/b.yaml"}));
  EXPECT_EQ(opening_command((*ready)[1], home),
            (std::vector<std::string>{"zone", "open", "/home/ready/open.yaml"}));
}

}  // namespace
}  // namespace portolan::cli
