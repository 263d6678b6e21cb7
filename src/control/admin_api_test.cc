#include "control/admin_api.h"

#include "control/api_stage_test_support.h"
#include "seal/ed25519.h"

namespace portolan::control {
namespace {

using namespace testing;

struct AdminApiTest : ApiTest {};

bool holds(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

TEST_F(AdminApiTest, NothingIsAnsweredWithoutTheAdminKey) {
  play([](ApiStage& stage) -> Task<void> {
    const auto none = co_await call(stage, "GET", "/admin/v1/keys", "", "");
    EXPECT_EQ(none.status, 401);
    EXPECT_EQ(none.code(), "admin_key_required");
    const auto wrong = co_await call(stage, "POST", "/admin/v1/apply", small_network, "pta_wrong");
    EXPECT_EQ(wrong.status, 401);
    const auto unknown = co_await call(stage, "GET", "/admin/v1/nothing", "", "");
    EXPECT_EQ(unknown.status, 401);
    const auto health = co_await call(stage, "GET", "/healthz", "", "");
    EXPECT_EQ(health.status, 200);
  });
}

TEST_F(AdminApiTest, AWrongPathOrMethodSaysWhatIsNear) {
  play([](ApiStage& stage) -> Task<void> {
    const auto path = co_await call(stage, "GET", "/admin/v1/key");
    EXPECT_EQ(path.status, 404);
    EXPECT_TRUE(holds(path.answer.body, "Did you mean '/admin/v1/keys'?")) << path.answer.body;
    EXPECT_TRUE(holds(path.answer.body, "request_id"));
    const auto kind = co_await call(stage, "GET", "/admin/v1/resources/zoness");
    EXPECT_TRUE(holds(kind.answer.body, "Did you mean 'zones'?")) << kind.answer.body;
    const auto method = co_await call(stage, "PUT", "/admin/v1/keys");
    EXPECT_EQ(method.status, 405);
    EXPECT_EQ(method.answer.field("allow"), "GET, POST");
  });
}

TEST_F(AdminApiTest, WhatIsNotValidIsShownWithFileLineAndColumn) {
  play([](ApiStage& stage) -> Task<void> {
    const auto applied = co_await call(stage, "POST", "/admin/v1/apply?source=my%20net.yaml",
                                       "apiVersion: portolan/v1\nkind: Zone\nmetadata: {name: z}\n"
                                       "spec: {region: nowhere}\n");
    EXPECT_EQ(applied.status, 422);
    EXPECT_EQ(applied.code(), "invalid_resource");
    const auto* problems = applied.json.find("error")->find("problems");
    EXPECT_EQ(*problems->as_array()->at(0).find("file")->as_string(), "my net.yaml");
    EXPECT_EQ(problems->as_array()->at(0).find("line")->as_uint64(), 4u);
  });
}

TEST_F(AdminApiTest, AStaleVersionIsAConflict) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", small_network);
    const auto scope = co_await call(stage, "GET", "/admin/v1/resources/scopes/eu");
    EXPECT_EQ(scope.status, 200);
    auto changed = scope.json;
    changed.find("spec")->set("entry", "anywhere");
    const auto text = wire::render_canonical(changed);
    const auto first = co_await call(stage, "POST", "/admin/v1/apply", text);
    EXPECT_EQ(first.status, 200) << first.answer.body;
    const auto again = co_await call(stage, "POST", "/admin/v1/apply", text);
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(again.code(), "resource_conflict");
    const auto gone =
        co_await call(stage, "DELETE", "/admin/v1/resources/scope/eu?resourceVersion=1");
    EXPECT_EQ(gone.status, 409);
  });
}

TEST_F(AdminApiTest, AKeyIsMadeShownOnceListedAndRevoked) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", small_network);
    const auto odd = co_await call(stage, "POST", "/admin/v1/keys", R"({"workspce": "eu"})");
    EXPECT_TRUE(holds(odd.answer.body, "Did you mean 'workspace'?")) << odd.answer.body;
    const auto made = co_await call(stage, "POST", "/admin/v1/keys",
                                    R"({"workspace": "eu", "expires": "2100-01-31"})");
    EXPECT_EQ(made.status, 201);
    EXPECT_TRUE(made.text("key").starts_with("ptl_" + made.text("id")));
    const auto listed = co_await call(stage, "GET", "/admin/v1/keys?workspace=eu");
    EXPECT_EQ(listed.json.find("keys")->as_array()->size(), 1u);
    EXPECT_FALSE(holds(listed.answer.body, made.text("key")));
    const auto revoked = co_await call(stage, "DELETE", "/admin/v1/keys/" + made.text("id"));
    EXPECT_EQ(revoked.status, 200);
    EXPECT_TRUE(holds(revoked.answer.body, "\"revoked\": true"));
    const auto none = co_await call(stage, "DELETE", "/admin/v1/keys/nobody");
    EXPECT_EQ(none.status, 404);
  });
}

TEST_F(AdminApiTest, ADryRunSaysWhatWouldHappenAndDoesNot) {
  play([](ApiStage& stage) -> Task<void> {
    const auto dry = co_await call(stage, "POST", "/admin/v1/apply?dry_run=1", small_network);
    EXPECT_EQ(dry.status, 200);
    const auto& results = *dry.json.find("results")->as_array();
    EXPECT_EQ(*results.at(0).find("action")->as_string(), "created");
    const auto regions = co_await call(stage, "GET", "/admin/v1/resources/regions");
    EXPECT_TRUE(regions.json.find("items")->as_array()->empty());
  });
}

TEST_F(AdminApiTest, WithoutAMeterUsageSaysWhatIsMissing) {
  play([](ApiStage& stage) -> Task<void> {
    for (const auto* path : {"/admin/v1/usage", "/admin/v1/usage/gaps"}) {
      const auto usage = co_await call(stage, "GET", path);
      EXPECT_EQ(usage.status, 404);
      EXPECT_TRUE(holds(usage.answer.body, "--meter"));
      const auto stranger = co_await call(stage, "GET", path, "", "");
      EXPECT_EQ(stranger.status, 401);
    }
  });
}

TEST_F(AdminApiTest, RestrictionsAreSetShownAndLifted) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", small_network);
    const auto both = co_await call(stage, "POST", "/admin/v1/restrictions", "{}");
    EXPECT_EQ(both.status, 400);
    const std::string deny = R"({"deny": "eu-central-1"})";
    const auto guarded = co_await call(stage, "POST", "/admin/v1/restrictions", deny);
    EXPECT_EQ(guarded.status, 409);
    const auto silent = co_await call(stage, "POST", "/admin/v1/restrictions?break_glass=1", deny);
    EXPECT_EQ(silent.status, 400);
    const auto denied =
        co_await call(stage, "POST", "/admin/v1/restrictions?break_glass=1&reason=a+leak", deny);
    EXPECT_EQ(denied.status, 201);
    const auto lifted = co_await call(stage, "DELETE", "/admin/v1/restrictions/deny/eu-central-1");
    EXPECT_EQ(lifted.status, 200);
    EXPECT_TRUE(lifted.json.find("deny")->as_array()->empty());
    const auto again = co_await call(stage, "DELETE", "/admin/v1/restrictions/deny/eu-central-1");
    EXPECT_EQ(again.status, 404);
  });
}

TEST_F(AdminApiTest, TheSealedWorldVerifiesAgainstTheRoot) {
  play([](ApiStage& stage) -> Task<void> {
    const auto none = co_await call(stage, "GET", "/admin/v1/worlds/current?format=sealed");
    EXPECT_EQ(none.status, 404);
    const auto applied = co_await call(stage, "POST", "/admin/v1/apply", small_network);
    EXPECT_EQ(applied.json.find("world")->find("version")->as_uint64(), 1u);
    const auto sealed = co_await call(stage, "GET", "/admin/v1/worlds/current?format=sealed");
    const auto opened = seal::open_document(sealed.answer.body, seal::DocumentKind::world,
                                            root_key().verify_key(), stage.shard.wall_now());
    EXPECT_TRUE(opened);
    EXPECT_EQ(opened->hash, *applied.json.find("world")->find("hash")->as_string());
    const auto metrics = co_await call(stage, "GET", "/metrics", "", "");
    EXPECT_TRUE(holds(metrics.answer.body, "portolan_control_world_version 1\n"));
  });
}

}  // namespace
}  // namespace portolan::control
