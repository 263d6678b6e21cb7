#include "cli/control_key.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "runtime/epoll_shard.h"
#include "seal/certificate.h"

namespace portolan::cli {
namespace {

const seal::SigningKey root(seal::KeySeed{1});
const seal::SigningKey own(seal::KeySeed{2});
const WallTime now = WallTime::from_unix_seconds(1'800'000'000);

ControlKey order() {
  return {.network = "local",
          .control = "control-2",
          .public_key = own.verify_key().hex(),
          .life = Duration::hours(24)};
}

TEST(ControlKey, WhatIsNoKeyOrNameIsRefusedAndTheRootsKeyNotRepeated) {
  const std::string secret = root.hex().substr(1);
  const auto cut = certify_control(secret, order(), now);
  ASSERT_FALSE(cut);
  EXPECT_FALSE(cut.error().message.contains(secret));
  auto wrong = order();
  wrong.public_key.pop_back();
  EXPECT_FALSE(certify_control(root.hex(), wrong, now));
  wrong = order();
  wrong.control = "Control 2";
  const auto named = certify_control(root.hex(), wrong, now);
  ASSERT_FALSE(named);
  EXPECT_TRUE(named.error().message.contains("Control 2")) << named.error().message;
}

TEST(ControlKey, TheRootVouchesForItAsLongAsItWasTold) {
  const auto text = certify_control(root.hex(), order(), now);
  ASSERT_TRUE(text) << text.error().message;
  const auto read = seal::parse_certificate(*text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->subject.key, own.verify_key());
  EXPECT_EQ(read->subject.role, seal::Role::control);
  EXPECT_EQ(read->subject.name, "control-2");
  const auto holds = [&](const seal::SigningKey& by, WallTime at) {
    return seal::verify_chain({&*read, 1}, by.verify_key(), at).has_value();
  };
  EXPECT_TRUE(holds(root, now - Duration::seconds(59 * 60)));
  EXPECT_TRUE(holds(root, now + Duration::hours(23)));
  EXPECT_FALSE(holds(root, now + Duration::hours(25)));
  EXPECT_FALSE(holds(own, now)) << "nor does it vouch for itself";
}

TEST(ControlKey, AFileKeepsItsKeyAndIsItsOwnersAlone) {
  const std::string file = ::testing::TempDir() + "/portolan-control-key-test";
  std::filesystem::remove(file);
  runtime::EpollShard shard;
  const auto made = settle_control_key(shard, file);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->size(), 64u);
  EXPECT_EQ(settle_control_key(shard, file).value_or(""), *made);
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(file).permissions(), perms::owner_read | perms::owner_write);
  std::ofstream(file) << "nonsense";
  EXPECT_FALSE(settle_control_key(shard, file)) << "what is no key is not overwritten";
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace portolan::cli
