#include "dialect/openai_models.h"

#include <gtest/gtest.h>

#include <array>

namespace portolan::dialect {
namespace {

model::World world_of_two() {
  model::Network network;
  model::Model first;
  first.name = "org/other";
  model::Model other;
  other.name = "smollm2";
  other.digest = "sha256:00";
  other.context = 4096;
  other.features = {"chat", "stream"};
  other.aliases = {"default"};
  network.models = {first, other};
  auto world = model::World::make(network, {.network = "demo", .epoch = 0, .number = 7}, "hash");
  EXPECT_TRUE(world) << (world ? "" : world.error().message);
  return std::move(*world);
}

constexpr std::string_view smollm2 =
    R"({"id":"smollm2","object":"model","created":0,"owned_by":"portolan","portolan":)"
    R"({"digest":"sha256:00","context":4096,"features":["chat","stream"],"aliases":["default"]}})";

TEST(OpenAiModels, AKeyThatCanRunNothingSeesAnEmptyList) {
  EXPECT_EQ(render_models(world_of_two(), {}), R"({"object":"list","data":[]})");
}

TEST(OpenAiModels, TheListShowsWhatIsGivenAndNothingElse) {
  const auto world = world_of_two();
  const std::array only = {*world.find_model("default")};
  EXPECT_EQ(render_models(world, only),
            R"({"object":"list","data":[)" + std::string(smollm2) + "]}");
}

TEST(OpenAiModels, OneModelIsShownAsInTheList) {
  const auto world = world_of_two();
  EXPECT_EQ(render_model(world, *world.find_model("smollm2")), smollm2);
}

}  // namespace
}  // namespace portolan::dialect
