#include "policy/widens_workspace.h"

#include <gtest/gtest.h>

namespace portolan::policy {
namespace {

model::Workspace workspace(std::vector<std::string> scopes, model::Labels labels = {}) {
  model::Workspace made;
  made.name = "w";
  made.scopes = std::move(scopes);
  made.labels = std::move(labels);
  return made;
}

TEST(WidensWorkspace, ByAScopeMoreOrAnotherLabel) {
  const auto before = workspace({"eu"}, {{"data-class", "personal"}});
  EXPECT_TRUE(widens_workspace(before, workspace({"eu", "sg"}, before.labels)));
  EXPECT_TRUE(widens_workspace(before, workspace({"sg"}, before.labels)));
  EXPECT_TRUE(widens_workspace(before, workspace({"eu"})));
  EXPECT_TRUE(widens_workspace(before, workspace({"eu"}, {{"data-class", "public"}})));
}

TEST(WidensWorkspace, NotByAScopeLessNorByLimits) {
  const auto before = workspace({"eu", "sg"});
  auto after = workspace({"sg"});
  after.limits.rpm = 10;
  EXPECT_FALSE(widens_workspace(before, after));
  EXPECT_FALSE(widens_workspace(before, workspace({"sg", "eu"})));
  EXPECT_FALSE(widens_workspace(before, before));
}

}  // namespace
}  // namespace portolan::policy
