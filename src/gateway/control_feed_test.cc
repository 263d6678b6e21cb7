#include "gateway/control_feed.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "http/server.h"
#include "runtime/gate.h"
#include "runtime/wait.h"
#include "virtual/universe.h"
#include "virtual/virtual_shard.h"

namespace portolan::gateway {
namespace {

using runtime::Task;

constexpr Duration transfer = Duration::seconds(60);

runtime::TlsMaterial shown(std::string identity) {
  return {.certificate = std::move(identity), .key = {}, .authority = {}, .require_peer = true};
}

// A gateway and a control whose first answer, which confirms, comes over a thin line;
// to the next poll there is none.
class FeedStage : public testing::Test, public http::Handler {
 protected:
  FeedStage() {
    options_.network = "net";
    options_.id = "gw-1";
    options_.zone = "a1";
    options_.data = "/data";
    options_.controls = {{"control", 7401}};
    options_.tls = shown("spiffe://net/zone/a1/gateway/gw-1");
  }

  Task<void> handle(http::Exchange& exchange) override {
    (void)co_await exchange.read_body(world::poll_request_bytes_max.count());
    if (answered_) {
      (void)co_await runtime::sleep_for(control_, Duration::hours(1));
      co_return;
    }
    answered_ = control_.wall_now();
    world::PollAnswer answer;
    answer.confirmed = true;
    const std::string bytes = world::encode_poll_answer(answer);
    (void)co_await exchange.begin(200, {});
    (void)co_await exchange.send(bytes.substr(0, 1));
    (void)co_await runtime::sleep_for(control_, transfer);
    (void)co_await exchange.finish_with(bytes.substr(1));
  }
  http::OwnedFields render_fault(const Fault& /*fault*/, std::string& /*body*/) override {
    return {};
  }

  static Task<void> play(FeedStage& stage) {
    http::Server server(stage.control_, stage, {});
    auto credentials = stage.control_.network().make_credentials(shown("spiffe://net/control/c1"));
    runtime::ListenOptions door;
    door.address = stage.options_.controls.front();
    door.credentials = *credentials;
    server.serve(*stage.control_.network().listen(door));
    Connections connections(stage.gateway_, stage.options_);
    EXPECT_TRUE(connections.prepare());
    Knowledge knowledge(stage.gateway_, *world::LastGood::open(stage.gateway_.disk(), "/data"),
                        stage.options_);
    co_await knowledge.load();
    ZoneKey zone_key(stage.gateway_, stage.options_);
    EXPECT_TRUE(zone_key.load());
    const WorldTally tally;
    constexpr std::uint64_t epoch = 1;
    ControlFeed feed(stage.gateway_, stage.options_, epoch, connections, knowledge, zone_key,
                     tally);
    runtime::Gate background(stage.gateway_, 1);
    background.start(feed.run());
    (void)co_await runtime::sleep_for(stage.gateway_, transfer + Duration::seconds(20));
    stage.confirmed_ = knowledge.view().keyring_confirmed;
    co_await background.close();
    co_await connections.close();
    co_await server.close();
  }

  virtual_time::Universe universe_{1};
  virtual_time::VirtualShard& control_ = universe_.add_machine("control");
  virtual_time::VirtualShard& gateway_ = universe_.add_machine("gateway");
  Options options_;
  std::optional<WallTime> answered_;
  WallTime confirmed_{0};
};

TEST_F(FeedStage, ConfirmedIsWhatWasNewestWhenTheAnswerBegan) {
  ASSERT_TRUE(universe_.run(play(*this), Duration::hours(1)));
  ASSERT_TRUE(answered_);
  EXPECT_GE(confirmed_, *answered_);
  EXPECT_LT(confirmed_ - *answered_, transfer / 2) << "the time of the transfer is no freshness";
}

}  // namespace
}  // namespace portolan::gateway
