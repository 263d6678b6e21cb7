#include <fmt/format.h>
#include <gtest/gtest.h>

#include "runtime/wait.h"
#include "sim/network.h"
#include "sim/two_zones_test_support.h"
#include "virtual/virtual_shard.h"

namespace portolan::sim {
namespace {

using runtime::Task;

constexpr std::size_t engines_more = 300;

struct Story {
  Network& network;
  Status outcome = Fault{Code::cancelled, Retry::never, "not told"};
  std::string told = {};  // of the gateways, by control
};

// A model with so many engines in zone a, at none of which anybody listens.
std::string large_deployment() {
  std::string text = R"(apiVersion: portolan/v1
kind: Model
metadata: {name: wide}
spec: {digest: "sha256:c279c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
       context: 4096, features: [chat], labels: {export-class: open}}
---
kind: Deployment
metadata: {name: wide.zone-a}
spec:
  model: wide
  zone: zone-a
  engines:
)";
  for (std::size_t i = 0; i < engines_more; ++i) {
    text +=
        fmt::format("    - {{kind: vllm, url: \"http://engine-a:{}\", slots: 1}}\n", 20'000 + i);
  }
  return text;
}

Task<Status> deploy_widely(Story& story) {
  Network& network = story.network;
  CO_TRY_DO(co_await network.bring_up());
  CO_TRY_DO(co_await network.admin().apply(large_deployment()));
  CO_TRY_DO(co_await runtime::sleep_for(network.client(), Duration::seconds(40)));
  CO_TRY(story.told, co_await network.admin().call("GET", "/admin/v1/gateways", ""));
  co_return Status{};
}

Task<void> play(Story& story) {
  story.outcome = co_await deploy_widely(story);
  co_await story.network.shut_down();
}

TEST(ManyEngines, EachOfAZoneIsProbed) {
  Network network({.seed = 1, .atlas = two_zones(), .engine = {}});
  Story story{.network = network};
  ASSERT_TRUE(network.universe().run(play(story), Duration::hours(1)));
  ASSERT_TRUE(story.outcome) << story.outcome.error().message;
  const auto tally = fmt::format("\"total\": {}\n", engines_more + 1);
  EXPECT_NE(story.told.find(tally), std::string::npos) << story.told;
}

}  // namespace
}  // namespace portolan::sim
