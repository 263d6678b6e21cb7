#include "world/accept.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace portolan::world {
namespace {

Seen seen(std::uint64_t epoch, std::uint64_t number, std::string hash = "h",
          std::string network = "demo") {
  return {{std::move(network), epoch, number}, std::move(hash)};
}

void expect_refused(const Status& status, Code code) {
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, code) << status.error().message;
}

TEST(Accept, RefusesWhatIsOlder) {
  expect_refused(accept(seen(1, 7), seen(1, 6)), Code::stale_version);
  expect_refused(accept(seen(2, 1), seen(1, 9)), Code::stale_version);
}

TEST(Accept, RefusesOtherContentUnderTheSameNumber) {
  expect_refused(accept(seen(1, 7, "a"), seen(1, 7, "b")), Code::stale_version);
  EXPECT_TRUE(accept(seen(1, 7, ""), seen(1, 7, "b")));
}

TEST(Accept, RefusesAnotherNetwork) {
  expect_refused(accept(seen(1, 7), seen(9, 9, "h", "other")), Code::untrusted_peer);
}

TEST(Accept, TakesTheFirstTheSameAndTheNewer) {
  EXPECT_TRUE(accept(std::nullopt, seen(0, 0)));
  EXPECT_TRUE(accept(seen(1, 7), seen(1, 7)));
  EXPECT_TRUE(accept(seen(1, 7), seen(2, 0)));
}

TEST(Accept, NeverTakesTwoDifferentVersionsInBothOrders) {
  EXPECT_TRUE(rc::check([] {
    const auto small = rc::gen::inRange<std::uint64_t>(0, 3);
    const auto first = seen(*small, *small);
    const auto other = seen(*small, *small);
    const bool both = accept(first, other).has_value() && accept(other, first).has_value();
    RC_ASSERT(both == (first.version == other.version));
  }));
}

model::Keyring keyring(std::uint64_t epoch, int keys) {
  model::Keyring::Content content{{{"demo"}}, {}, {}};
  model::Workspace workspace;
  workspace.name = "eu";
  workspace.org = "demo";
  content.workspaces.push_back(workspace);
  for (int i = 0; i < keys; ++i) {
    model::KeyRecord key;
    key.id = "key" + std::to_string(i);
    key.workspace = "eu";
    content.keys.push_back(key);
  }
  return *model::Keyring::make(content, {"demo", epoch, 1});
}

TEST(AcceptKeyring, RefusesOneThatShrinksWithinItsEpoch) {
  expect_refused(accept_keyring(keyring(1, 3), keyring(1, 2)), Code::stale_version);
  EXPECT_TRUE(accept_keyring(keyring(1, 3), keyring(1, 3)));
  EXPECT_TRUE(accept_keyring(keyring(1, 3), keyring(1, 4)));
  EXPECT_TRUE(accept_keyring(keyring(1, 3), keyring(2, 0)));
}

}  // namespace
}  // namespace portolan::world
