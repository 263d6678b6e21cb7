#include "cli/authority.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "runtime/epoll_shard.h"
#include "seal/certificate.h"

namespace portolan::cli {
namespace {

class AuthorityTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "authorityXXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    files_.folder = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(files_.folder); }

  Status prepare(const std::string& network = "local") {
    return prepare_authority(shard_, files_, network, {leaf("a-1", "a")});
  }
  static TlsLeaf leaf(const std::string& id, const std::string& zone) {
    return {.name = id,
            .identity = {
                .network = "local", .kind = seal::Identity::Kind::gateway, .zone = zone, .id = id}};
  }
  std::string read(const std::string& path) {
    return shard_.disk().read(path, 1024 * 1024).value_or("");
  }
  std::map<std::string, std::string> all_files() {
    std::map<std::string, std::string> texts;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(files_.folder)) {
      if (entry.is_regular_file()) texts[entry.path()] = read(entry.path());
    }
    return texts;
  }

  runtime::EpollShard shard_;
  AuthorityFiles files_;
};

TEST_F(AuthorityTest, SaysWhichOfItsFilesIsDamaged) {
  ASSERT_TRUE(prepare());
  std::ofstream(files_.root_key()) << "nonsense";
  std::filesystem::remove(files_.control_key());
  EXPECT_FALSE(prepare());
}

TEST_F(AuthorityTest, KeepsEveryFileTheSecondTime) {
  ASSERT_TRUE(prepare());
  const auto before = all_files();
  ASSERT_TRUE(prepare());
  EXPECT_EQ(all_files(), before);
}

TEST_F(AuthorityTest, KeepsSecretsForItsOwner) {
  ASSERT_TRUE(prepare());
  for (const auto& [path, text] : all_files()) {
    if (!path.ends_with(".key")) continue;
    EXPECT_EQ(std::filesystem::status(path).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
        << path;
  }
}

TEST_F(AuthorityTest, LetsTheRootVouchForControl) {
  ASSERT_TRUE(prepare());
  std::string root_text = read(files_.root());
  root_text.pop_back();
  std::string text = read(files_.control_certificate());
  text.pop_back();
  const auto root = seal::VerifyKey::from_hex(root_text);
  const auto certificate = seal::parse_certificate(text);
  const auto key = seal::SigningKey::from_pem(read(files_.control_key()));
  ASSERT_TRUE(root && certificate && key);
  EXPECT_TRUE(seal::verify_chain({&*certificate, 1}, *root, shard_.wall_now()));
  EXPECT_EQ(certificate->subject.key, key->verify_key());
}

TEST_F(AuthorityTest, IssuesAnewWhatIsMissingOrEndsSoon) {
  ASSERT_TRUE(prepare());
  const std::string root = read(files_.root());
  const std::string leaf_before = read(files_.tls_certificate("a-1"));
  std::filesystem::remove(files_.dates());
  ASSERT_TRUE(prepare());
  EXPECT_NE(read(files_.tls_certificate("a-1")), leaf_before);
  EXPECT_EQ(read(files_.root()), root);
}

TEST_F(AuthorityTest, RotatesControlsKeyAndNothingElse) {
  ASSERT_TRUE(prepare());
  auto before = all_files();
  ASSERT_TRUE(prepare_authority(shard_, files_, "local", {leaf("a-1", "a")}, true));
  auto after = all_files();
  for (const std::string& changed :
       {files_.control_key(), files_.control_certificate(), files_.dates()}) {
    if (changed != files_.dates()) EXPECT_NE(after[changed], before[changed]) << changed;
    before.erase(changed);
    after.erase(changed);
  }
  EXPECT_EQ(after, before);
}

TEST_F(AuthorityTest, IssuesALeafAnewForAnotherIdentity) {
  ASSERT_TRUE(prepare());
  const std::string authority = read(files_.tls_authority());
  const std::string before = read(files_.tls_certificate("a-1"));
  ASSERT_TRUE(prepare_authority(shard_, files_, "local", {leaf("a-1", "b")}));
  EXPECT_NE(read(files_.tls_certificate("a-1")), before);
  EXPECT_EQ(read(files_.tls_authority()), authority);
}

}  // namespace
}  // namespace portolan::cli
