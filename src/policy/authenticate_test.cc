#include "policy/authenticate.h"

#include <gtest/gtest.h>

#include "policy/small_world_test.h"

namespace portolan::policy {
namespace {

constexpr WallTime now{1'000};

Code refusal(const Parts& parts, const std::string& text, WallTime at = now) {
  const auto caller = authenticate(parts.view(), text, at);
  check(!caller.has_value(), "expected a refusal");
  return caller.error().code;
}

const std::string key = numbered_key(1).text;

TEST(Authenticate, TellsMissingFromMalformedFromUnknown) {
  EXPECT_EQ(refusal(small_world(), ""), Code::missing_key);
  EXPECT_EQ(refusal(small_world(), "sk-abc"), Code::malformed_key);
  EXPECT_EQ(refusal(small_world(), numbered_key(9).text), Code::unknown_key);
}

TEST(Authenticate, AnotherSecretForAKnownIdIsUnknownInTheSameWords) {
  const std::string forged = model::make_key({7}, {1, 1}).text;
  ASSERT_EQ(model::parse_credential(forged)->id, numbered_key(1).credential.id);
  const auto view = small_world().view();
  EXPECT_EQ(authenticate(view, forged, now).error(),
            authenticate(view, numbered_key(9).text, now).error());
}

TEST(Authenticate, AForgedKeyDoesNotLearnThatTheRealOneIsRevoked) {
  Parts parts = small_world();
  parts.content.keys[0].revoked = true;
  EXPECT_EQ(refusal(parts, model::make_key({7}, {1, 1}).text), Code::unknown_key);
}

TEST(Authenticate, ATombstoneAndARestrictionBothRevoke) {
  Parts tombstone = small_world();
  tombstone.content.keys[0].revoked = true;
  tombstone.content.keys[0].expires = WallTime{1};
  EXPECT_EQ(refusal(tombstone, key), Code::revoked_key);
  Parts restricted = small_world();
  restricted.restrictions.revoked_keys = {numbered_key(1).credential.id};
  EXPECT_EQ(refusal(restricted, key), Code::revoked_key);
  EXPECT_TRUE(authenticate(restricted.view(), numbered_key(2).text, now).has_value());
}

TEST(Authenticate, AKeyEndsAtItsInstant) {
  Parts parts = small_world();
  parts.content.keys[0].expires = now;
  EXPECT_EQ(refusal(parts, key), Code::expired_key);
  EXPECT_TRUE(authenticate(parts.view(), key, now - Duration{1}).has_value());
}

TEST(Authenticate, AStaleKeyringDeniesAndSaysThatItIsStale) {
  Parts parts = small_world();
  parts.content.workspaces[0].key_freshness = Duration::seconds(30);
  const auto view = parts.view();
  const WallTime late = WallTime{0} + Duration::seconds(31);
  const auto stale = authenticate(view, key, late);
  ASSERT_FALSE(stale.has_value());
  EXPECT_EQ(stale.error().code, Code::expired_key);
  EXPECT_NE(stale.error().message.find("key_freshness"), std::string::npos);
  EXPECT_TRUE(authenticate(view, key, WallTime{0} + Duration::seconds(30)).has_value());
  EXPECT_TRUE(authenticate(view, numbered_key(2).text, late).has_value());
}

TEST(Authenticate, WithoutAWorldNobodyIsKnownOrUnknown) {
  model::View view = small_world().view();
  view.world = nullptr;
  EXPECT_EQ(authenticate(view, key, now).error().code, Code::no_world);
  EXPECT_EQ(authenticate(view, "", now).error().code, Code::missing_key);
  EXPECT_EQ(authenticate({}, key, now).error().retry, Retry::elsewhere);
}

TEST(Authenticate, NoKeyIsUnknownBeforeTheKeyringWasEverSaidToBeCurrent) {
  Parts parts = small_world();
  parts.confirmed = WallTime{0};
  EXPECT_EQ(refusal(parts, numbered_key(9).text), Code::no_world);
  EXPECT_EQ(refusal(parts, model::make_key({7}, {1, 1}).text), Code::no_world) << "nor its secret";
}

TEST(Authenticate, AGoodKeyNamesItsWorkspace) {
  Parts parts = small_world();
  parts.content.keys[1].scopes = {"cn"};
  const auto view = parts.view();
  const auto caller = authenticate(view, numbered_key(2).text, now);
  ASSERT_TRUE(caller.has_value());
  EXPECT_EQ(caller->workspace_name, "global");
  EXPECT_EQ(view.keyring->workspace(caller->workspace).name, "global");
  EXPECT_EQ(caller->key_id, numbered_key(2).credential.id);
  EXPECT_EQ(caller->key_scopes, std::vector<std::string>{"cn"});
}

TEST(AuthenticateAgain, SeesWhatHappenedSince) {
  Parts parts = small_world();
  const auto caller = *authenticate(parts.view(), key, now);
  EXPECT_TRUE(authenticate_again(parts.view(), caller, now).has_value());
  Parts gone = parts;
  gone.content.keys.erase(gone.content.keys.begin());
  EXPECT_EQ(authenticate_again(gone.view(), caller, now).error().code, Code::unknown_key);
  Parts moved = parts;
  moved.content.keys[0].workspace = "global";
  EXPECT_EQ(authenticate_again(moved.view(), caller, now).error().code, Code::unknown_key);
  parts.content.keys[0].revoked = true;
  EXPECT_EQ(authenticate_again(parts.view(), caller, now).error().code, Code::revoked_key);
}

TEST(WorkspaceOf, FollowsTheNameWhenPositionsShift) {
  Parts parts = small_world();
  const auto caller = *authenticate(parts.view(), numbered_key(2).text, now);
  parts.content.workspaces.push_back(workspace("aaa", {"cn"}));
  const auto later = parts.view();
  const auto found = workspace_of(later, caller);
  ASSERT_TRUE(found.has_value());
  EXPECT_NE(*found, caller.workspace);
  EXPECT_EQ(later.keyring->workspace(*found).name, "global");

  Caller stranger = caller;
  stranger.workspace_name = "gone";
  EXPECT_EQ(workspace_of(later, stranger).error().code, Code::world_skew);
}

}  // namespace
}  // namespace portolan::policy
