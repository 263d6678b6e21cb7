#include <gtest/gtest.h>

#include <string>

#include "runtime/wait.h"
#include "sim/chat_request.h"
#include "sim/network.h"
#include "virtual/virtual_shard.h"

namespace portolan::sim {
namespace {

using runtime::Task;

constexpr WallTime rule_begins = virtual_time::first_day + Duration::seconds(600);

// The model's weights may be in the group eu alone from ten past midnight on;
// zone-b is in the south, outside.
Atlas two_zones() {
  Atlas atlas;
  atlas.regions = {{"north", "DE", "eu", 50.1, 8.7}, {"south", "SG", "apac", 1.4, 103.8}};
  atlas.zones = {{"zone-a", 0, true}, {"zone-b", 1, true}};
  atlas.workspaces = {{"everywhere", {"everywhere"}, "public"}, {"only-b", {"only-b"}, "public"}};
  atlas.rules = {{.name = "weights-stay-in-eu",
                  .denied_region = {},
                  .required_group = "eu",
                  .data_class = {},
                  .from = rule_begins,
                  .until = {}}};
  atlas.editions = {
      {{.name = "everywhere", .include = {"*"}, .exclude = {}, .anywhere = false},
       {.name = "only-b", .include = {"zone-b"}, .exclude = {}, .anywhere = false}}};
  return atlas;
}

struct Story {
  explicit Story(Network& on) : network(on) {}

  Network& network;
  Status outcome = Fault{Code::cancelled, Retry::never, "not told"};
  Sighting everywhere_before;
  Sighting b_before;
  Sighting everywhere_after;
  Sighting b_after;
};

Task<Sighting> ask_at_b(Story& story, std::string key) {
  ChatRequest request;
  request.key = std::move(key);
  request.gateway = 1;
  auto seen = co_await ask_chat(story.network.client(), story.network.zone(1).front_door, request);
  co_return seen;
}

Task<Status> tell(Story& story) {
  Network& network = story.network;
  CO_TRY_DO(co_await network.bring_up());
  CO_TRY(const MadeKey everywhere, co_await network.admin().create_key("everywhere"));
  CO_TRY(const MadeKey only_b, co_await network.admin().create_key("only-b"));
  CO_TRY_DO(co_await runtime::sleep_for(network.client(), Duration::seconds(5)));
  // Nobody can send a new World any more.
  co_await network.control().kill();
  const auto until_rule = rule_begins - network.client().wall_now();
  const Duration margin = Duration::seconds(2);
  CO_TRY_DO(co_await runtime::sleep_for(network.client(), until_rule - margin));
  story.everywhere_before = co_await ask_at_b(story, everywhere.text);
  story.b_before = co_await ask_at_b(story, only_b.text);
  CO_TRY_DO(co_await runtime::sleep_for(network.client(), margin));
  story.everywhere_after = co_await ask_at_b(story, everywhere.text);
  story.b_after = co_await ask_at_b(story, only_b.text);
  co_return Status{};
}

Task<void> tell_whole(Story& story) {
  story.outcome = co_await tell(story);
  co_await story.network.shut_down();
}

TEST(DatedRule, BindsFromItsDateOnWithoutANewWorld) {
  Network network({.seed = 1, .atlas = two_zones(), .engine = {}});
  Story story(network);
  ASSERT_TRUE(network.universe().run(tell_whole(story), Duration::hours(1)));
  ASSERT_TRUE(story.outcome) << story.outcome.error().message;
  EXPECT_EQ(story.everywhere_before.zone, "zone-b") << "the nearest zone";
  EXPECT_EQ(story.b_before.status, 200) << story.b_before.body;
  EXPECT_EQ(story.everywhere_after.status, 200) << story.everywhere_after.body;
  EXPECT_EQ(story.everywhere_after.zone, "zone-a") << "zone-b is outside of eu";
  EXPECT_EQ(story.everywhere_after.world, story.everywhere_before.world) << "the same World";
  EXPECT_NE(story.everywhere_before.world, "");
  EXPECT_EQ(story.b_after.status, 403) << story.b_after.body;
  EXPECT_NE(story.b_after.body.find("weights-stay-in-eu"), std::string::npos)
      << "names the rule: " << story.b_after.body;
}

}  // namespace
}  // namespace portolan::sim
