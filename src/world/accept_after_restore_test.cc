#include "world/accept_after_restore.h"

#include <gtest/gtest.h>

namespace portolan::world {
namespace {

// Keys key0 and key1, of which that one is revoked.
model::Keyring keyring(std::uint64_t epoch, const std::string& revoked, int keys = 2) {
  model::Keyring::Content content{{{"demo"}}, {}, {}};
  model::Workspace workspace;
  workspace.name = "eu";
  workspace.org = "demo";
  content.workspaces.push_back(workspace);
  for (int i = 0; i < keys; ++i) {
    model::KeyRecord key;
    key.id = "key" + std::to_string(i);
    key.workspace = "eu";
    key.revoked = key.id == revoked;
    content.keys.push_back(key);
  }
  return *model::Keyring::make(content, {"demo", epoch, 1});
}

model::Restrictions restrictions(std::uint64_t epoch) {
  model::Restrictions made;
  made.version = {"demo", epoch, 5};
  made.drained = {"a"};
  made.denied = {"b"};
  made.revoked_keys = {"key1"};
  return made;
}

std::string said_of(const Status& status) {
  EXPECT_TRUE(status || status.error().code == Code::stale_version);
  return status ? "" : status.error().message;
}

TEST(AcceptAfterRestore, NoKeyringBringsBackARevokedKeyInAnyEpoch) {
  const auto held = keyring(1, "key1");
  for (const std::uint64_t epoch : {1u, 2u}) {
    const auto said = said_of(accept_after_restore(held, keyring(epoch, "")));
    EXPECT_NE(said.find("revoked: key1."), said.npos) << said;
    EXPECT_TRUE(accept_after_restore(held, keyring(epoch, "key1")));
  }
}

TEST(AcceptAfterRestore, AKeyThatIsNotThereAtAllIsNoKeyThatComesBack) {
  EXPECT_TRUE(accept_after_restore(keyring(1, "key1"), keyring(2, "", 1)));
}

TEST(AcceptAfterRestore, NoPlaceIsOpenedAgain) {
  const auto held = restrictions(1);
  auto fewer = restrictions(2);
  EXPECT_TRUE(accept_after_restore(held, fewer, nullptr));
  fewer.drained.clear();
  EXPECT_NE(said_of(accept_after_restore(held, fewer, nullptr)).find("drain a"), std::string::npos);
  fewer = restrictions(2);
  fewer.denied = {"c"};
  EXPECT_NE(said_of(accept_after_restore(held, fewer, nullptr)).find("deny b"), std::string::npos);
}

TEST(AcceptAfterRestore, ARevocationMayGoOnlyWhereTheKeyringHasItsTombstone) {
  const auto held = restrictions(1);
  auto none = restrictions(2);
  none.revoked_keys.clear();
  const auto lives = keyring(1, "");
  const auto tombstone = keyring(1, "key1");
  EXPECT_NE(said_of(accept_after_restore(held, none, nullptr)), "");
  EXPECT_NE(said_of(accept_after_restore(held, none, &lives)), "");
  EXPECT_TRUE(accept_after_restore(held, none, &tombstone));
}

TEST(AcceptAfterRestore, OnlyATombstoneEndsARevocation) {
  const std::unordered_set<std::string> revoked{"key0", "key1", "unknown"};
  const auto lives = keyring(1, "key1");
  const std::unordered_set<std::string> left{"key0", "unknown"};
  EXPECT_EQ(without_tombstone(revoked, &lives), left);
  EXPECT_EQ(without_tombstone(revoked, nullptr), revoked);
}

TEST(AcceptAfterRestore, AMachineStaysRevoked) {
  auto held = restrictions(1);
  held.revoked_machines = {"gw-stolen"};
  auto next = held;
  next.version.epoch = 2;
  EXPECT_TRUE(accept_after_restore(held, next, nullptr));
  next.revoked_machines.clear();
  EXPECT_NE(said_of(accept_after_restore(held, next, nullptr)).find("machine gw-stolen"),
            std::string::npos);
}

TEST(AcceptAfterRestore, WithinAnEpochControlLiftsWhatItWants) {
  model::Restrictions none;
  none.version = {"demo", 1, 6};
  EXPECT_TRUE(accept_after_restore(restrictions(1), none, nullptr));
}

TEST(AcceptAfterRestore, ALongListIsCutAndCounted) {
  model::Restrictions many;
  many.version = {"demo", 1, 5};
  for (int i = 0; i < 25; ++i) many.denied.insert("zone-" + std::to_string(i));
  model::Restrictions none;
  none.version = {"demo", 2, 5};
  const auto said = said_of(accept_after_restore(many, none, nullptr));
  EXPECT_NE(said.find("and 15 more"), said.npos) << said;
}

}  // namespace
}  // namespace portolan::world
