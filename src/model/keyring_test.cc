#include "model/keyring.h"

#include <gtest/gtest.h>

namespace portolan::model {
namespace {

KeyRecord key(std::string id, std::string workspace) {
  KeyRecord record;
  record.id = std::move(id);
  record.workspace = std::move(workspace);
  return record;
}

Workspace workspace(std::string name, std::string org) {
  Workspace record;
  record.name = std::move(name);
  record.org = std::move(org);
  return record;
}

Keyring::Content content() {
  return {{{"demo"}},
          {workspace("eu", "demo"), workspace("cn", "demo")},
          {key("k2", "eu"), key("k1", "cn")}};
}

Keyring keyring() { return *Keyring::make(content(), {"net", 1, 10}); }

KeyringDelta next() { return {{"net", 1, 11}, {}, {}, {}}; }

TEST(Keyring, RefusesRepeatsAndDanglingReferences) {
  auto twice = content();
  twice.keys.push_back(key("k1", "eu"));
  auto spaces = content();
  spaces.workspaces.push_back(workspace("eu", "demo"));
  auto orgs = content();
  orgs.orgs.push_back({"demo"});
  auto no_workspace = content();
  no_workspace.keys.push_back(key("k3", "us"));
  auto no_org = content();
  no_org.workspaces.push_back(workspace("us", "other"));
  auto bad_name = content();
  bad_name.workspaces.push_back(workspace("a b", "demo"));
  for (const auto& flawed : {twice, spaces, orgs, no_workspace, no_org, bad_name}) {
    const auto made = Keyring::make(flawed, {"net", 1, 1});
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().code, Code::invalid_resource);
  }
}

TEST(Keyring, FindsWhatIsThere) {
  const auto ring = keyring();
  EXPECT_EQ(ring.find_key("k3"), nullptr);
  EXPECT_FALSE(ring.find_workspace("us"));
  ASSERT_NE(ring.find_key("k1"), nullptr);
  EXPECT_EQ(ring.find_key("k1")->workspace, "cn");
  EXPECT_EQ(ring.workspace(*ring.find_workspace("eu")).name, "eu");
  EXPECT_EQ(ring.to_content().keys.front().id, "k1");
}

TEST(ApplyDelta, RefusesAllButTheVeryNext) {
  for (const Version& to : {Version{"net", 1, 10}, Version{"net", 1, 12}, Version{"net", 1, 9},
                            Version{"net", 2, 11}, Version{"other", 1, 11}}) {
    const auto made = apply_delta(keyring(), {to, {}, {}, {}});
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().code, Code::stale_version);
  }
}

TEST(ApplyDelta, NeverBringsAKeyBackFromItsTombstone) {
  auto revoke = next();
  revoke.keys = {key("k1", "cn")};
  revoke.keys[0].revoked = true;
  const auto revoked = apply_delta(keyring(), revoke);
  ASSERT_TRUE(revoked.has_value());
  EXPECT_TRUE(revoked->find_key("k1")->revoked);

  const auto back = apply_delta(*revoked, {{"net", 1, 12}, {}, {}, {key("k1", "cn")}});
  ASSERT_FALSE(back.has_value());
  EXPECT_EQ(back.error().code, Code::invalid_resource);
  EXPECT_TRUE(apply_delta(*revoked, {{"net", 1, 12}, {}, {}, revoke.keys}).has_value());
}

TEST(ApplyDelta, RefusesAKeyOfNoWorkspace) {
  auto delta = next();
  delta.keys = {key("k9", "us")};
  EXPECT_EQ(apply_delta(keyring(), delta).error().code, Code::invalid_resource);
}

TEST(ApplyDelta, AddsAndReplacesByName) {
  auto delta = next();
  delta.orgs = {{"other"}};
  delta.workspaces = {workspace("us", "other"), workspace("eu", "demo")};
  delta.workspaces[1].scopes = {"eu"};
  delta.keys = {key("k0", "us"), key("k2", "us")};
  const auto made = apply_delta(keyring(), delta);
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->version(), delta.to);
  EXPECT_EQ(made->workspaces().size(), 3u);
  EXPECT_EQ(made->workspace(*made->find_workspace("eu")).scopes, std::vector<std::string>{"eu"});
  EXPECT_EQ(made->keys().size(), 3u);
  EXPECT_EQ(made->find_key("k2")->workspace, "us");
  EXPECT_EQ(made->find_key("k1")->workspace, "cn");
}

}  // namespace
}  // namespace portolan::model
