#include <gtest/gtest.h>

#include "runtime/gate.h"
#include "runtime/wait.h"
#include "sim/chat_request.h"
#include "sim/network.h"
#include "sim/two_zones_test_support.h"
#include "virtual/virtual_shard.h"

namespace portolan::sim {
namespace {

using runtime::Task;

struct Story {
  explicit Story(Network& on) : network(on) {}

  Network& network;
  Status outcome = Fault{Code::cancelled, Retry::never, "not told"};
  int status = 0;  // at gateway a, with a key that was made 20 s before
};

Task<void> ask_with_a_new_key(Story& story) {
  Network& network = story.network;
  const auto key = co_await network.admin().create_key("everywhere");
  const Duration patience = Duration::seconds(20);
  const Status waited = co_await runtime::sleep_for(network.client(), patience);
  if (!key || !waited) co_return;
  ChatRequest request;
  request.key = key->text;
  const runtime::Address door = network.zone(0).front_door;
  const auto seen = co_await ask_chat(network.client(), door, std::move(request));
  story.status = seen.status;
}

// Zone a's engine is down for a second and up for one or two, again and again.
Task<void> flap(Network& network) {
  engines::FaultOrder order;
  order.kind = engines::FaultOrder::Kind::health;
  order.health = engines::FaultOrder::Health::failing;
  order.count = limits::probe_failures_max.value;
  for (;;) {
    network.zone(0).sim->engines().front()->state().faults.add(order, network.client().now());
    const Status slept = co_await runtime::sleep_for(network.client(), Duration::seconds(3));
    if (!slept) co_return;
  }
}

Task<Status> have_a_flapping_engine(Story& story) {
  Network& network = story.network;
  CO_TRY_DO(co_await network.bring_up());
  // A connection and a poll take four seconds.
  network.universe().links().slow_down({"gateway-a", "control"}, Duration::seconds(1));
  network.universe().links().slow_down({"control", "gateway-a"}, Duration::seconds(1));
  runtime::Gate flapping(network.client(), 1);
  flapping.start(flap(network));
  const Status flapped = co_await runtime::sleep_for(network.client(), Duration::seconds(20));
  if (flapped) co_await ask_with_a_new_key(story);
  co_await flapping.close();
  co_return flapped;
}

Task<Status> have_a_lying_control_nearest(Story& story) {
  Network& network = story.network;
  CO_TRY_DO(co_await network.bring_up());
  auto& controls = network.zone(0).options.controls;
  std::swap(controls.front(), controls.back());
  co_await network.zone(0).gateway->kill();
  network.zone(0).gateway->start();
  CO_TRY_DO(co_await network.await_ready(Duration::seconds(20)));
  co_await ask_with_a_new_key(story);
  co_return Status{};
}

Task<void> play(Story& story, Task<Status> (*told)(Story&)) {
  story.outcome = co_await told(story);
  co_await story.network.shut_down();
}

void expect_served(Task<Status> (*told)(Story&)) {
  Network network({.seed = 1, .atlas = two_zones(), .engine = {}});
  Story story(network);
  ASSERT_TRUE(network.universe().run(play(story, told), Duration::hours(1)));
  ASSERT_TRUE(story.outcome) << story.outcome.error().message;
  EXPECT_EQ(story.status, 200);
}

TEST(NewsOfControl, AreNotKeptAwayByAnEngineThatComesAndGoes) {
  expect_served(have_a_flapping_engine);
}

TEST(NewsOfControl, AreNotKeptAwayByAnotherControlThatLies) {
  expect_served(have_a_lying_control_nearest);
}

}  // namespace
}  // namespace portolan::sim
