#include <gtest/gtest.h>

#include "runtime/wait.h"
#include "sim/chat_request.h"
#include "sim/network.h"
#include "virtual/virtual_shard.h"

namespace portolan::sim {
namespace {

using runtime::Task;

// Each farther away from the first, which is an entry alone, than the one before.
Atlas four_zones() {
  Atlas atlas;
  atlas.regions = {{"entry", "DE", "eu", 50.1, 8.7},
                   {"near", "DE", "eu", 51.1, 8.7},
                   {"farther", "DE", "eu", 53.1, 8.7},
                   {"farthest", "SG", "apac", 1.4, 103.8}};
  atlas.zones = {
      {"zone-a", 0, true}, {"zone-b", 1, true}, {"zone-c", 2, true}, {"zone-d", 3, true}};
  atlas.workspaces = {{"away", {"away"}, "public"}};
  atlas.editions = {{{.name = "away", .include = {"*"}, .exclude = {"zone-a"}, .anywhere = true}}};
  return atlas;
}

struct Story {
  explicit Story(Network& on) : network(on) {}

  Network& network;
  Status outcome = Fault{Code::cancelled, Retry::never, "not told"};
  std::vector<std::string> before;        // where it ran while all was well
  Sighting seen;                          // with all that b and c say lost
  std::vector<std::uint64_t> executions;  // of it, by zone
};

std::vector<std::uint64_t> executions_of(Network& network) {
  std::vector<std::uint64_t> started;
  for (std::size_t zone = 1; zone < network.zone_count(); ++zone) {
    started.push_back(
        network.zone(zone).sim->engines().front()->state().executions.total().started);
  }
  return started;
}

Task<Sighting> ask_at_a(Story& story, std::string key, std::vector<std::string> ignore) {
  ChatRequest request;
  request.key = std::move(key);
  request.question.ignore = std::move(ignore);
  const runtime::Address door = story.network.zone(0).front_door;
  auto seen = co_await ask_chat(story.network.client(), door, std::move(request));
  co_return seen;
}

Task<Status> tell(Story& story) {
  Network& network = story.network;
  CO_TRY_DO(co_await network.bring_up());
  CO_TRY(const MadeKey key, co_await network.admin().create_key("away"));
  CO_TRY_DO(co_await runtime::sleep_for(network.client(), Duration::seconds(5)));
  // So that the entry has a connection to each.
  std::vector<std::string> nearer;
  for (const char* zone : {"zone-b", "zone-c", "zone-d"}) {
    std::string text = key.text;
    std::vector<std::string> ignore = nearer;
    const Sighting seen = co_await ask_at_a(story, std::move(text), std::move(ignore));
    story.before.push_back(seen.zone);
    nearer.emplace_back(zone);
  }
  const auto started = executions_of(network);
  network.universe().block({"gateway-b", "gateway-a"});
  network.universe().block({"gateway-c", "gateway-a"});
  std::string text = key.text;
  std::vector<std::string> nothing;
  story.seen = co_await ask_at_a(story, std::move(text), std::move(nothing));
  story.executions = executions_of(network);
  for (std::size_t i = 0; i < started.size(); ++i) story.executions[i] -= started[i];
  co_return Status{};
}

Task<void> tell_whole(Story& story) {
  story.outcome = co_await tell(story);
  co_await story.network.shut_down();
}

// The executor said that it sends the body, and that was lost with all it said.
TEST(LostHop, ThatFellSilentCountsAsAnExecution) {
  Network network({.seed = 1, .atlas = four_zones(), .engine = {}});
  Story story(network);
  ASSERT_TRUE(network.universe().run(tell_whole(story), Duration::hours(1)));
  ASSERT_TRUE(story.outcome) << story.outcome.error().message;
  EXPECT_EQ(story.before, (std::vector<std::string>{"zone-b", "zone-c", "zone-d"}));
  EXPECT_EQ(story.executions, (std::vector<std::uint64_t>{1, 1, 0})) << "two are all that may be";
  EXPECT_EQ(story.seen.status, 502) << story.seen.body;
  EXPECT_NE(story.seen.body.find("attempts_exhausted"), std::string::npos) << story.seen.body;
}

}  // namespace
}  // namespace portolan::sim
