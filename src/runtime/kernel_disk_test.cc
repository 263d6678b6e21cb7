#include "runtime/kernel_disk.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

namespace portolan::runtime {
namespace {

class KernelDiskTest : public ::testing::Test {
 protected:
  KernelDiskTest() {
    std::string pattern = ::testing::TempDir() + "portolan-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~KernelDiskTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  mode_t mode_of(const std::string& name) const {
    struct stat facts{};
    stat(path(name).c_str(), &facts);
    return facts.st_mode & 0777;
  }

  KernelDisk disk_;
  std::string folder_;
};

TEST_F(KernelDiskTest, ReportsAMissingFileAndAnOversizedOne) {
  EXPECT_EQ(disk_.read(path("none"), 10).error().code, Code::resource_not_found);
  EXPECT_TRUE(disk_.replace(path("a"), "12345", false));
  EXPECT_EQ(disk_.read(path("a"), 4).error().code, Code::limit_exceeded);
  EXPECT_EQ(disk_.read(path("a"), 5).value(), "12345");
  EXPECT_TRUE(disk_.remove(path("none")));
}

TEST_F(KernelDiskTest, TakesNoRoomThatIsNotThere) {
  const auto file = disk_.create_preallocated(path("huge"), std::size_t{1} << 60);
  ASSERT_FALSE(file);
  EXPECT_FALSE(std::filesystem::exists(path("huge")));
}

TEST_F(KernelDiskTest, AppendsFromTheStartOfWhatItTookRoomFor) {
  EXPECT_EQ(disk_.read_range(path("none"), 0, 1).error().code, Code::resource_not_found);
  auto file = disk_.create_preallocated(path("log"), 10);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(disk_.read(path("log"), 10).value(), std::string(10, '\0'));
  EXPECT_TRUE((*file)->append("ab"));
  EXPECT_TRUE((*file)->append("cd"));
  EXPECT_TRUE((*file)->sync());
  EXPECT_EQ(disk_.read_range(path("log"), 1, 4).value(), std::string("bcd\0", 4));
  EXPECT_EQ(disk_.read_range(path("log"), 8, 4).value(), std::string(2, '\0'));
  EXPECT_EQ(disk_.read_range(path("log"), 11, 4).value(), "");
}

TEST_F(KernelDiskTest, ReplacesNothingWhereItCannotWrite) {
  EXPECT_FALSE(disk_.replace(path("no/such/folder/a"), "x", false));
  EXPECT_TRUE(disk_.make_folder(path("taken")));
  EXPECT_TRUE(disk_.replace(path("taken/x"), "x", false));
  EXPECT_FALSE(disk_.replace(path("taken"), "x", false));
  EXPECT_EQ(disk_.read(path("taken/x"), 10).value(), "x");
}

TEST_F(KernelDiskTest, ReplacesAFileAsAWhole) {
  const std::string large(1'000'000, 'l');
  EXPECT_TRUE(disk_.replace(path("a"), large, false));
  std::filesystem::create_hard_link(path("a"), path("witness"));
  EXPECT_TRUE(disk_.replace(path("a"), "small", false));
  EXPECT_EQ(disk_.read(path("a"), 10).value(), "small");
  // The old bytes were never touched.
  EXPECT_EQ(disk_.read(path("witness"), large.size()).value(), large);
  EXPECT_EQ(disk_.list(folder_).value(), (std::vector<std::string>{"a", "witness"}));
}

TEST_F(KernelDiskTest, KeepsSecretsToTheirOwner) {
  EXPECT_TRUE(disk_.replace(path("open"), "x", false));
  EXPECT_TRUE(disk_.replace(path("secret"), "x", true));
  EXPECT_EQ(mode_of("secret"), 0600u);
  EXPECT_EQ(mode_of("open") & 0600u, 0600u);
  // Also where a crash left an open one aside, or the file itself was open.
  EXPECT_TRUE(disk_.replace(path("open.new"), "x", false));
  EXPECT_TRUE(disk_.replace(path("open"), "y", true));
  EXPECT_EQ(mode_of("open"), 0600u);
}

TEST_F(KernelDiskTest, AppendsAndListsInOrder) {
  EXPECT_TRUE(disk_.make_folder(path("x/y")));
  EXPECT_TRUE(disk_.make_folder(path("x/y")));
  for (const char* name : {"x/c", "x/a", "x/b"}) {
    auto file = disk_.open_append(path(name));
    EXPECT_TRUE((*file)->append("one"));
    EXPECT_TRUE((*file)->append("two"));
    EXPECT_TRUE((*file)->sync());
  }
  EXPECT_EQ(disk_.read(path("x/a"), 100).value(), "onetwo");
  EXPECT_EQ(disk_.list(path("x")).value(), (std::vector<std::string>{"a", "b", "c", "y"}));
}

}  // namespace
}  // namespace portolan::runtime
