#include "cli/up_forget.h"

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

using world::Kind;

world::Contents example() {
  world::Contents contents;
  contents.network.regions = {
      {.name = "fra", .city = {}, .country = "DE", .groups = {}, .url = {}, .labels = {}}};
  contents.network.zones = {{.name = "fra-a", .region = "fra", .labels = {}, .gateways = {}}};
  contents.network.deployments = {
      {.name = "m.fra-a", .model = "m", .zone = "fra-a", .engines = {}}};
  contents.network.scopes = {{.name = "global", .include = {"*"}, .exclude = {}}};
  contents.orgs = {{.name = "demo"}};
  return contents;
}

TEST(UpForget, ForgetsNothingThatIsStillNamed) {
  EXPECT_TRUE(forgotten_resources(example(), example()).empty());
  EXPECT_TRUE(forgotten_resources({}, example()).empty());
}

TEST(UpForget, DeletesWhoRefersBeforeWhatIsReferredTo) {
  const std::vector<ForgottenResource> expected = {
      {Kind::deployment, "m.fra-a"}, {Kind::zone, "fra-a"}, {Kind::region, "fra"}};
  EXPECT_EQ(forgotten_resources(example(), {}), expected);
}

}  // namespace
}  // namespace portolan::cli
