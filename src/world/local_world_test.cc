// The network that `portolan up` starts is sound.

#include <gtest/gtest.h>

#include "model/world.h"
#include "world/example_test.h"
#include "world/validate.h"

namespace portolan::world {
namespace {

TEST(LocalWorld, MeansWhatDesignSays) {
  const auto validation = validate({{"local.yaml", read_example("local.yaml")}});
  for (const auto& problem : validation.problems) ADD_FAILURE() << render_problem(problem);
  const auto& contents = validation.contents;
  const auto world = model::World::make(contents.network, {"local", 1, 1}, "");
  ASSERT_TRUE(world);
  EXPECT_EQ(contents.network.regions.size(), 3u);
  EXPECT_EQ(world->zone_count(), 6u);
  EXPECT_EQ(contents.workspaces.size(), 4u);
  const auto zones_of = [&](std::string_view scope) {
    return world->zones_of_scope(*world->find_scope(scope)).size();
  };
  EXPECT_EQ(zones_of("global"), 6u);
  EXPECT_EQ(zones_of("international"), 4u);
  EXPECT_EQ(zones_of("cn"), 2u);
  EXPECT_EQ(zones_of("eu"), 2u);
  EXPECT_EQ(world->placement(*world->find_model("default")).size(), 6u);
  EXPECT_EQ(world->placement(*world->find_model("smollm2-135m-cn")).size(), 2u);
}

TEST(LocalWorld, ClassifiesEveryModelForItsRule) {
  const auto network = validate({{"local.yaml", read_example("local.yaml")}}).contents.network;
  for (const auto& model : network.models) {
    EXPECT_TRUE(model.labels.contains("export-class")) << model.name;
  }
}

}  // namespace
}  // namespace portolan::world
