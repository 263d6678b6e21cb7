#include "meter/meter_api.h"

#include "meter/meter_test_support.h"

namespace portolan::meter {
namespace {

using namespace testing;

struct MeterApiTest : ::testing::Test {
  Stage stage{":memory:"};
};

std::string code_in(const http::Answer& answer) {
  const auto json = wire::parse_json(answer.body);
  const auto* error = json ? json->find("error") : nullptr;
  const auto* code = error ? error->find("code") : nullptr;
  return code ? *code->as_string() : std::string();
}

Task<std::uint64_t> count_requests(Stage& stage) {
  const auto usage = co_await get(stage, "/meter/v1/usage");
  co_return requests_in(usage);
}

TEST_F(MeterApiTest, WithoutACertificateNobodyIsHeard) {
  play(stage, [](Stage& at) -> Task<void> {
    const auto answer = co_await ask(at, Identity{}, "GET", "/healthz", {});
    EXPECT_TRUE(!answer || answer->status == 403);
  });
}

TEST_F(MeterApiTest, AForeignCertificatePostsNothing) {
  play(stage, [](Stage& at) -> Task<void> {
    const Identity other{"net", Identity::Kind::gateway, "fra-b", "gw-2"};
    const Identity neighbour{"net", Identity::Kind::gateway, "fra-b", "gw-1"};
    const Identity stranger{"elsewhere", Identity::Kind::gateway, "fra-a", "gw-1"};
    for (const auto& who : {other, neighbour, stranger, control_1}) {
      Post records;
      records.add(1, close_of("gw-1-1-1"));
      const auto answer = co_await post(at, records, who);
      EXPECT_EQ(answer.status, 403) << seal::render_identity(who);
      EXPECT_EQ(code_in(answer), "untrusted_peer");
    }
    const auto requests = co_await count_requests(at);
    EXPECT_EQ(requests, 0u);
  });
}

TEST_F(MeterApiTest, NothingIsTakenFromARevokedMachineAndNoShorterListTakesItBack) {
  play(stage, [](Stage& at) -> Task<void> {
    const std::string path(wire::revoked_machines_path);
    const auto forged = co_await ask(at, gateway_1, "PUT", path, R"({"machines": ["gw-2"]})");
    EXPECT_EQ(forged->status, 403);
    const auto garbled = co_await ask(at, control_1, "PUT", path, R"({"machines": [1]})");
    EXPECT_EQ(garbled->status, 400);
    const auto told = co_await ask(at, control_1, "PUT", path, R"({"machines": ["gw-1"]})");
    EXPECT_EQ(told->status, 200);
    const auto shorter = co_await ask(at, control_1, "PUT", path, R"({"machines": []})");
    EXPECT_EQ(shorter->status, 200);
    Post records;
    records.add(1, close_of("gw-1-1-1"));
    const auto answer = co_await post(at, records);
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(code_in(answer), "untrusted_peer");
    const auto requests = co_await count_requests(at);
    EXPECT_EQ(requests, 0u);
  });
}

TEST_F(MeterApiTest, OnlyControlIsToldWhatIsInTheLedger) {
  play(stage, [](Stage& at) -> Task<void> {
    for (const auto* path : {"/meter/v1/usage", "/meter/v1/usage/request?id=gw-1-1-1",
                             "/meter/v1/gaps", "/meter/v1/conflicts"}) {
      const auto answer = co_await ask(at, gateway_1, "GET", path, {});
      EXPECT_EQ(answer->status, 403) << path;
    }
    const auto health = co_await ask(at, gateway_1, "GET", "/healthz", {});
    EXPECT_EQ(health->status, 200);
    const auto method = co_await ask(at, gateway_1, "GET", "/meter/v1/records", {});
    EXPECT_EQ(method->status, 405);
    const auto path = co_await ask(at, gateway_1, "GET", "/meter/v1/other", {});
    EXPECT_EQ(path->status, 404);
    const auto parameter = co_await ask(at, control_1, "GET", "/meter/v1/usage?by=week", {});
    EXPECT_EQ(parameter->status, 400);
    const auto nobody = co_await ask(at, control_1, "GET", "/meter/v1/usage/request?id=", {});
    EXPECT_EQ(nobody->status, 400);
  });
}

TEST_F(MeterApiTest, DamagedAndTooLargePostsAreRefusedAndLoseNothing) {
  play(stage, [](Stage& at) -> Task<void> {
    Post damaged;
    damaged.add(1, close_of("gw-1-1-1")).add(2, close_of("gw-1-1-2"));
    damaged.bytes[damaged.bytes.size() - 40] ^= 1;
    const auto refused = co_await post(at, damaged);
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(code_in(refused), "malformed_peer");
    Post large;
    large.bytes.resize(wire::usage_post_bytes_max.count() + 1);
    const auto too_large =
        co_await ask(at, gateway_1, "POST", std::string(wire::usage_post_path), large.bytes);
    // Its connection may be gone before it has sent so much.
    EXPECT_TRUE(!too_large || too_large->status == 413);
    Post good;
    good.add(1, close_of("gw-1-1-1")).add(2, close_of("gw-1-1-2"));
    const auto taken = co_await post(at, good);
    EXPECT_EQ(taken.status, 200);
    EXPECT_EQ(*wire::parse_usage_taken(taken.body), (wire::UsageTaken{1, 2, 2, {}}));
    const auto requests = co_await count_requests(at);
    EXPECT_EQ(requests, 2u);
  });
}

TEST_F(MeterApiTest, AGapIsToldShownAndGoneWhenFilled) {
  play(stage, [](Stage& at) -> Task<void> {
    Post late;
    late.add(1, start_of({})).add(5, close_of("gw-1-1-5"));
    const auto jumped = co_await post(at, late);
    EXPECT_EQ(*wire::parse_usage_taken(jumped.body), (wire::UsageTaken{1, 1, 5, {{1, 2, 4}}}));
    EXPECT_NE(at.universe.trace().find("gateway gw-1, epoch 1: numbers 2 to 4 are missing"),
              std::string::npos);
    const auto shown = co_await get(at, "/meter/v1/gaps");
    EXPECT_EQ(shown.find("gaps")->as_array()->size(), 1u);
    EXPECT_EQ(shown.find("gaps")->as_array()->at(0).find("last")->as_uint64(), 4u);
    Post rest;
    for (std::uint64_t i = 2; i <= 4; ++i) rest.add(i, close_of("gw-1-1-" + std::to_string(i)));
    const auto filled = co_await post(at, rest);
    EXPECT_EQ(*wire::parse_usage_taken(filled.body), (wire::UsageTaken{1, 5, 5, {}}));
    EXPECT_NE(at.universe.trace().find("gap filled: gateway gw-1, epoch 1: numbers 2 to 4"),
              std::string::npos);
    const auto gone = co_await get(at, "/meter/v1/gaps");
    EXPECT_TRUE(gone.find("gaps")->as_array()->empty());
  });
}

TEST_F(MeterApiTest, ATamperedRecordIsAConflictThatIsToldAndShown) {
  play(stage, [](Stage& at) -> Task<void> {
    co_await post(at, Post().add(1, close_of("gw-1-1-1", 5)));
    const auto again = co_await post(at, Post().add(1, close_of("gw-1-1-1", 5000)));
    EXPECT_EQ(again.status, 200);
    EXPECT_NE(at.universe.trace().find("conflict in the ledger: 1 record of gateway gw-1"),
              std::string::npos);
    const auto shown = co_await get(at, "/meter/v1/conflicts");
    const auto& conflict = shown.find("conflicts")->as_array()->at(0);
    EXPECT_EQ(*conflict.find("request_id")->as_string(), "gw-1-1-1");
    EXPECT_EQ(conflict.find("says")->find("completion_tokens")->as_uint64(), 5000u);
    const auto usage = co_await get(at, "/meter/v1/usage");
    EXPECT_EQ(usage.find("rows")->as_array()->at(0).find("completion_tokens")->as_uint64(), 5u);
    EXPECT_EQ(usage.find("ledger")->find("conflicts")->as_uint64(), 1u);
  });
}

TEST_F(MeterApiTest, OneRequestIsShownAsItIsBilledOrNotAtAll) {
  play(stage, [](Stage& at) -> Task<void> {
    co_await post(at, Post().add(1, close_of("gw-1-1-1", 7)).add(2, exec_of("gw-1-1-2")));
    for (const auto* id : {"gw-1-1-2", "gw-1-1-%27", "nobody"}) {
      std::string target = std::string("/meter/v1/usage/request?id=") + id;
      const auto missing = co_await get(at, std::move(target));
      EXPECT_EQ(missing.find("record")->kind(), wire::JsonKind::null) << id;
    }
    const auto shown = co_await get(at, "/meter/v1/usage/request?id=gw-1-1-1");
    EXPECT_EQ(*shown.find("id")->as_string(), "gw-1-1-1");
    const auto& record = *shown.find("record");
    EXPECT_EQ(*record.find("outcome")->as_string(), "completed");
    EXPECT_EQ(*record.find("zone")->as_string(), "fra-a");
    EXPECT_EQ(*record.find("model")->as_string(), "small");
    EXPECT_EQ(record.find("prompt_tokens")->as_uint64(), 10u);
    EXPECT_EQ(record.find("completion_tokens")->as_uint64(), 7u);
    EXPECT_EQ(record.find("status")->as_uint64(), 200u);
  });
}

TEST_F(MeterApiTest, UsageSaysHowFreshItIs) {
  play(stage, [](Stage& at) -> Task<void> {
    co_await post(at, Post().add(1, close_of("gw-1-1-1")).add(2, exec_of("gw-1-1-1")));
    const auto usage = co_await get(at, "/meter/v1/usage?by=workspace,hour&limit=1");
    const auto& row = usage.find("rows")->as_array()->at(0);
    EXPECT_EQ(*row.find("workspace")->as_string(), "eu");
    EXPECT_EQ(*row.find("hour")->as_string(), "2026-01-01T00:00:00Z");
    EXPECT_EQ(row.find("outcomes")->find("completed")->as_uint64(), 1u);
    EXPECT_EQ(usage.find("next")->kind(), wire::JsonKind::null);
    const auto& ledger = *usage.find("ledger");
    EXPECT_EQ(ledger.find("executions")->as_uint64(), 1u);
    const auto& gateway = ledger.find("gateways")->as_array()->at(0);
    EXPECT_EQ(*gateway.find("gateway")->as_string(), "gw-1");
    EXPECT_TRUE(gateway.find("received")->as_string()->starts_with("2026-01-01T00:00:0"));
  });
}

}  // namespace
}  // namespace portolan::meter
