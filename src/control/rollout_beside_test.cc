// Resources that are in no World and name what is in one: they go back with it.

#include "control/rollout_stage_test_support.h"

namespace portolan::control {
namespace {

using namespace testing;

using Gateways = std::deque<PollingGateway>;

struct RolloutBesideTest : RolloutStage {};

std::string target_text(const std::string& name, const std::string& region) {
  return "---\napiVersion: portolan/v1\nkind: ParityTarget\nmetadata: {name: " + name +
         "}\nspec: {models: [\"*\"], regions: [" + region + "]}\n";
}

TEST_F(RolloutBesideTest, ParityTargetsGoBackWithTheWorldThatTheyName) {
  act([](Stage& stage, Gateways&) -> Task<void> {
    co_await apply(stage, target_text("kept", "eu"));
    EXPECT_EQ(phase_of(stage), "none") << "a target is in no World";
    const auto before = stage.control->state().contents;
    co_await apply(stage, region_text("us-1", "US", {"us-1a"}) + target_text("new", "us-1") +
                              target_text("kept", "us-1"));
    EXPECT_EQ(phase_of(stage), "running");
    ApplyRequest early;
    early.text = target_text("early", "us-1");
    const auto refused = co_await stage.control->apply(early);
    EXPECT_EQ(refused.error().code, Code::invalid_resource);
    EXPECT_NE(refused.error().message.find("'us-1'"), std::string::npos);
    co_await apply(stage, target_text("free", "sg-1"));
    const auto back = co_await stage.control->change_rollout(RolloutWish::roll_back);
    EXPECT_TRUE(back);
    auto wanted = *before;
    wanted.parity_targets.insert(wanted.parity_targets.begin(),
                                 {"free", {"*"}, {"sg-1"}, {}, {}, 0, 0});
    EXPECT_EQ(*stage.control->state().contents, wanted);
    auto second = co_await Control::open(stage.shard, *stage.store, options_of("net"));
    EXPECT_TRUE(second) << "what is stored can be read";
    EXPECT_EQ(*(*second)->state().contents, wanted);
  });
}

std::string opening_text(const std::string& name, const std::string& of, std::uint64_t load) {
  return "---\napiVersion: portolan/v1\nkind: Opening\nmetadata: {name: " + name + "}\nspec: {" +
         of + ", load: " + std::to_string(load) + "}\n";
}

TEST_F(RolloutBesideTest, OpeningsGoBackWithTheWorldThatTheyName) {
  act([](Stage& stage, Gateways&) -> Task<void> {
    co_await apply(stage, opening_text("kept", "zone: eu-1b", 8));
    EXPECT_EQ(phase_of(stage), "none") << "an opening is in no World";
    const auto before = stage.control->state().contents;
    co_await apply(stage, region_text("us-1", "US", {"us-1a"}) +
                              opening_text("new", "region: us-1", 4) +
                              opening_text("kept", "zone: us-1a", 2));
    EXPECT_EQ(phase_of(stage), "running");
    EXPECT_EQ(stage.control->state().contents->openings.size(), 2u);
    ApplyRequest early;
    early.text = opening_text("early", "zone: eu-1a, neighbours: [us-1]", 1);
    const auto refused = co_await stage.control->apply(early);
    EXPECT_EQ(refused.error().code, Code::invalid_resource);
    EXPECT_NE(refused.error().message.find("'us-1'"), std::string::npos) << "it would be left over";
    const auto back = co_await stage.control->change_rollout(RolloutWish::roll_back);
    EXPECT_TRUE(back);
    EXPECT_EQ(*stage.control->state().contents, *before);
    auto second = co_await Control::open(stage.shard, *stage.store, options_of("net"));
    EXPECT_TRUE(second) << "what is stored can be read";
    EXPECT_EQ(*(*second)->state().contents, *before);
  });
}

}  // namespace
}  // namespace portolan::control
