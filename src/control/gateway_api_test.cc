#include "control/gateway_api.h"

#include <fmt/format.h>

#include "control/api_stage_test_support.h"
#include "world/keyring_snapshot.h"

namespace portolan::control {
namespace {

using namespace testing;

struct GatewayApiTest : ApiTest {};

world::PollRequest first_poll(std::string gateway, std::string zone) {
  world::PollRequest request;
  request.gateway = std::move(gateway);
  request.zone = std::move(zone);
  return request;
}

TEST_F(GatewayApiTest, AGatewayCannotPollForAnother) {
  play([](ApiStage& stage) -> Task<void> {
    const auto pool = stage.gateway_pool("eu-central-1a", "gw-1");
    const auto id = co_await post_poll(stage, *pool, first_poll("gw-2", "eu-central-1a"));
    EXPECT_EQ(id->status, 403);
    const auto zone = co_await post_poll(stage, *pool, first_poll("gw-1", "eu-central-1b"));
    EXPECT_EQ(zone->status, 403);
    EXPECT_TRUE(stage.control.gateways().by_id().empty());
    co_await pool->close();
  });
}

TEST_F(GatewayApiTest, BytesThatAreNoPollAreRefused) {
  play([](ApiStage& stage) -> Task<void> {
    const auto pool = stage.gateway_pool("eu-central-1a", "gw-1");
    http::Request request;
    request.method = "POST";
    request.target = std::string(world::poll_path);
    request.body = "{\"kind\":\"poll\"";
    const Instant deadline = stage.shard.now() + Duration::seconds(60);
    const auto answer = co_await http::fetch(*pool, request, deadline);
    EXPECT_EQ(answer->status, 400);
    request.method = "GET";
    request.body.clear();
    const auto method = co_await http::fetch(*pool, request, deadline);
    EXPECT_EQ(method->status, 405);
    EXPECT_EQ(method->field("allow"), "POST");
    co_await pool->close();
  });
}

TEST_F(GatewayApiTest, WithoutACertificateNobodyIsHeard) {
  play([](ApiStage& stage) -> Task<void> {
    const auto trusting =
        stage.shard.network().make_credentials({.certificate = {},
                                                .key = {},
                                                .authority = authority().certificate,
                                                .require_peer = false});
    http::Pool pool(stage.shard, http::Origin{stage.gateway_address, *trusting, {}, {}});
    const auto answer = co_await post_poll(stage, pool, first_poll("gw-1", "eu-central-1a"));
    EXPECT_FALSE(answer);
    co_await pool.close();
  });
}

TEST_F(GatewayApiTest, AGatewayGetsItsDocumentsAndIsShown) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", small_network);
    const auto pool = stage.gateway_pool("eu-central-1a", "gw-1");
    const auto posted = co_await post_poll(stage, *pool, first_poll("gw-1", "eu-central-1a"));
    EXPECT_EQ(posted->status, 200);
    const auto answer = world::decode_poll_answer(posted->body);
    EXPECT_TRUE(answer && answer->confirmed);
    EXPECT_EQ(answer->documents.size(), 3u);
    auto held = poll_holding_all(stage.control);
    held.wait_ms = 1;
    held.engines = world::EngineTally{2, 1};
    const auto again = co_await post_poll(stage, *pool, held);
    EXPECT_EQ(again->status, 200);
    const auto worlds = co_await call(stage, "GET", "/admin/v1/worlds");
    const auto& shown = worlds.json.find("gateways")->as_array()->at(0);
    EXPECT_EQ(*shown.find("gateway")->as_string(), "gw-1");
    EXPECT_EQ(shown.find("holds")->find("version")->as_uint64(), 1u);
    const auto gateways = co_await call(stage, "GET", "/admin/v1/gateways");
    EXPECT_TRUE(gateways.json.find("now")->as_string());
    EXPECT_EQ(gateways.json.find("gateways")->as_array()->size(), 1u);
    const auto& gateway = gateways.json.find("gateways")->as_array()->at(0);
    EXPECT_FALSE(*gateway.find("connected")->as_bool());
    EXPECT_EQ(gateway.find("engines")->find("total")->as_uint64(), 2u);
    EXPECT_EQ(gateway.find("engines")->find("healthy")->as_uint64(), 1u);
    co_await pool->close();
  });
}

// Resources of which a Keyring is larger than what is written at once.
std::string many_workspaces() {
  std::string text = small_network;
  for (int i = 0; i < 400; ++i) {
    text += fmt::format(
        "---\nkind: Workspace\nmetadata: {{name: eu-{}, org: demo}}\n"
        "spec: {{scopes: [eu], labels: {{note: {}}}}}\n",
        i, std::string(1'000, 'x'));
  }
  return text;
}

TEST_F(GatewayApiTest, ALargeAnswerComesWholeInEitherForm) {
  play([](ApiStage& stage) -> Task<void> {
    const auto text = many_workspaces();
    const auto applied = co_await call(stage, "POST", "/admin/v1/apply", text);
    EXPECT_EQ(applied.status, 200);
    const auto pool = stage.gateway_pool("eu-central-1a", "gw-1");
    for (const bool reads_snapshots : {false, true}) {
      auto request = first_poll("gw-1", "eu-central-1a");
      request.reads_snapshots = reads_snapshots;
      const auto posted = co_await post_poll(stage, *pool, request);
      EXPECT_EQ(posted->status, 200);
      EXPECT_GT(posted->body.size(), 400'000u);
      const auto answer = world::decode_poll_answer(posted->body);
      const auto keyring =
          seal::open_document(answer->documents.at(2).bytes, seal::DocumentKind::keyring,
                              root_key().verify_key(), stage.shard.wall_now());
      EXPECT_EQ(world::is_keyring_snapshot(keyring->payload), reads_snapshots);
      EXPECT_EQ(world::decode_any_keyring(keyring->payload)->workspaces.size(), 401u);
    }
    co_await pool->close();
  });
}

TEST_F(GatewayApiTest, ARevokedGatewayIsToldThatAloneAndNotHeard) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", small_network);
    const auto revoked = co_await stage.control.revoke_machine("gw-1");
    EXPECT_TRUE(revoked);
    const auto pool = stage.gateway_pool("eu-central-1a", "gw-1");
    const auto posted = co_await post_poll(stage, *pool, first_poll("gw-1", "eu-central-1a"));
    EXPECT_EQ(posted->status, 200);
    const auto answer = world::decode_poll_answer(posted->body);
    EXPECT_TRUE(answer && !answer->confirmed);
    EXPECT_TRUE(answer->zone_chain.empty());
    EXPECT_EQ(answer->documents.size(), 1u);
    EXPECT_EQ(answer->documents.at(0).kind, seal::DocumentKind::restrictions);
    EXPECT_TRUE(answer->documents.at(0).bytes.view().contains("gw-1"));
    EXPECT_TRUE(stage.control.gateways().by_id().empty());
    co_await pool->close();
  });
}

}  // namespace
}  // namespace portolan::control
