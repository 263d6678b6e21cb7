#include "control/joining.h"

#include "control/api_stage_test_support.h"
#include "control/join_codec.h"
#include "seal/tls_request.h"

namespace portolan::control {
namespace {

using namespace testing;

// The admin API and the join API over real connections.
struct JoiningTest : ApiTest {};

Task<std::string> make_token(ApiStage& stage, std::string body) {
  const auto made = co_await call(stage, "POST", "/admin/v1/tokens", std::move(body));
  EXPECT_EQ(made.status, 201) << made.answer.body;
  co_return made.text("token");
}

std::string join_body(const std::string& token, const std::string& key,
                      const std::string& zone = {}) {
  auto json = wire::Json::object();
  json.set("token", token);
  json.set("request", *seal::make_tls_request(key));
  if (!zone.empty()) json.set("zone", zone);
  return wire::render_canonical(json);
}

// Without an admin key: what lets it in is the token.
Task<Called> join(ApiStage& stage, std::string body) {
  auto called = co_await call(stage, "POST", "/join/v1/certificate", std::move(body), "");
  co_return called;
}

const std::string in_a_zone = R"({"zone": "eu-central-1a"})";

TEST_F(JoiningTest, NobodyMakesATokenWithoutTheAdminKeyOrForNoZone) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", small_network);
    const auto stranger = co_await call(stage, "POST", "/admin/v1/tokens", in_a_zone, "");
    EXPECT_EQ(stranger.code(), "admin_key_required");
    const auto nowhere =
        co_await call(stage, "POST", "/admin/v1/tokens", R"({"zone": "eu-central-1b"})");
    EXPECT_EQ(nowhere.code(), "invalid_parameter");
    EXPECT_TRUE(nowhere.answer.body.contains("Did you mean 'eu-central-1a'"))
        << nowhere.answer.body;
    for (const char* wrong : {R"({"zone": "eu-central-1a", "expires": "8d"})",
                              R"({"zone": "eu-central-1a", "expires": "soon"})",
                              R"({"zone": "eu-central-1a", "role": "engine"})"}) {
      const auto refused = co_await call(stage, "POST", "/admin/v1/tokens", wrong);
      EXPECT_EQ(refused.code(), "invalid_parameter") << wrong;
    }
  });
}

TEST_F(JoiningTest, AMachineOfAZoneThatIsToBeOpenedJoinsBefore) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", small_network);
    const auto typo = co_await call(stage, "POST", "/admin/v1/tokens",
                                    R"({"zone": "not a name", "planned": true})");
    EXPECT_EQ(typo.code(), "invalid_parameter");
    const auto token = co_await make_token(stage, R"({"zone": "eu-central-1z", "planned": true})");
    const auto joined = co_await join(stage, join_body(token, *seal::make_tls_key()));
    EXPECT_EQ(joined.status, 200) << joined.answer.body;
    EXPECT_TRUE(joined.text("identity").contains("/zone/eu-central-1z/gateway/"));
    const auto tokens = co_await stage.joining.tokens();
    EXPECT_TRUE(tokens->at(0).planned);
  });
}

TEST_F(JoiningTest, AControlWithoutAuthorityLetsNobodyIn) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", small_network);
    const auto token = co_await make_token(stage, in_a_zone);
    Joining none(stage.shard, stage.control, stage.store, std::nullopt);
    TokenWish wish;
    wish.zone = "eu-central-1a";
    const auto created = co_await none.create_token(std::move(wish), Actor{});
    EXPECT_EQ(created.error().code, Code::bad_configuration);
    EXPECT_TRUE(created.error().message.contains("--ca-key")) << created.error().message;
    JoinWish machine;
    machine.token = *seal::parse_join_token(token);
    const auto joined = co_await none.join(std::move(machine), Actor{});
    EXPECT_EQ(joined.error().code, Code::bad_configuration);
  });
}

TEST_F(JoiningTest, AGuessedTokenAndARequestThatIsNoneLetNobodyInAndUseNothingUp) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", small_network);
    const auto token = co_await make_token(stage, in_a_zone);
    const auto key = *seal::make_tls_key();
    auto guess = token;
    guess[20] = guess[20] == '0' ? '1' : '0';
    const auto guessed = co_await join(stage, join_body(guess, key));
    EXPECT_EQ(guessed.code(), "unknown_key");
    const auto cut = co_await join(stage, join_body(token.substr(0, 90), key));
    EXPECT_EQ(cut.code(), "malformed_key");
    const auto body = R"({"token": ")" + token + R"(", "request": "hello"})";
    const auto request = co_await join(stage, body);
    EXPECT_EQ(request.code(), "invalid_parameter");
    const auto huge = co_await join(stage, std::string(20'000, ' '));
    EXPECT_EQ(huge.code(), "body_too_large");
    const auto elsewhere = co_await join(stage, join_body(token, key, "eu-central-1b"));
    EXPECT_EQ(elsewhere.code(), "invalid_parameter");
    const auto joined = co_await join(stage, join_body(token, key));
    EXPECT_EQ(joined.status, 200) << joined.answer.body;
  });
}

TEST_F(JoiningTest, ATokenLetsOneKeyInHoweverManyAskAtOnce) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", small_network);
    const auto token = co_await make_token(stage, in_a_zone);
    constexpr auto ask = [](ApiStage& at, std::string text, int& let_in) -> Task<void> {
      JoinWish wish;
      wish.token = *seal::parse_join_token(text);
      wish.request = *seal::make_tls_request(*seal::make_tls_key());
      const auto joined = co_await at.joining.join(std::move(wish), Actor{});
      if (joined) ++let_in;
      if (!joined) {
        EXPECT_EQ(joined.error().code, Code::resource_conflict);
        EXPECT_EQ(joined.error().retry, Retry::never) << "says that it was used";
      }
    };
    int let_in = 0;
    runtime::Gate asking(stage.shard, 5);
    for (int i = 0; i < 5; ++i) asking.start(ask(stage, token, let_in));
    co_await asking.drain();
    EXPECT_EQ(let_in, 1);
    const auto machines = co_await stage.joining.machines();
    EXPECT_EQ(machines->size(), 1u);
  });
}

TEST_F(JoiningTest, TheSameKeyMayAskAgainAndAnotherMayNot) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", small_network);
    const auto token = co_await make_token(stage, in_a_zone);
    const auto key = *seal::make_tls_key();
    const auto first = co_await join(stage, join_body(token, key));
    const auto again = co_await join(stage, join_body(token, key));
    EXPECT_EQ(first.status, 200) << first.answer.body;
    EXPECT_EQ(again.status, 200) << again.answer.body;
    EXPECT_EQ(first.text("identity"), again.text("identity"));
    const auto thief = co_await join(stage, join_body(token, *seal::make_tls_key()));
    EXPECT_EQ(thief.status, 409);
    EXPECT_EQ(thief.code(), "resource_conflict");
    EXPECT_TRUE(thief.answer.body.contains(first.text("id"))) << "names who was let in";
  });
}

TEST_F(JoiningTest, WhatIsHandedOutFitsTheKeyAndThePinsOfTheNetwork) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", small_network);
    const auto text = co_await make_token(stage, in_a_zone);
    const auto key = *seal::make_tls_key();
    const auto joined = co_await join(stage, join_body(text, key));
    const auto now = stage.shard.wall_now();
    EXPECT_TRUE(seal::check_tls_certificate(joined.text("certificate"), key,
                                            joined.text("authority"), now));
    EXPECT_EQ(*seal::tls_fingerprint(joined.text("authority")),
              seal::parse_join_token(text)->authority);
    EXPECT_EQ(joined.text("root"), root_key().verify_key().hex());
    const auto identity = seal::parse_identity(joined.text("identity"));
    EXPECT_TRUE(identity && identity->zone == "eu-central-1a" && identity->network == "net");
    EXPECT_FALSE(joined.answer.body.contains("PRIVATE"));
  });
}

TEST_F(JoiningTest, ARevokedTokenLetsNobodyInAndAUsedOneStaysUsed) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", small_network);
    const auto missing = co_await call(stage, "DELETE", "/admin/v1/tokens/nothing");
    EXPECT_EQ(missing.code(), "resource_not_found");
    const auto text = co_await make_token(stage, in_a_zone);
    const auto id = seal::parse_join_token(text)->id;
    const auto revoked = co_await call(stage, "DELETE", "/admin/v1/tokens/" + id);
    EXPECT_EQ(revoked.text("state"), "revoked");
    const auto refused = co_await join(stage, join_body(text, *seal::make_tls_key()));
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.code(), "revoked_key");
    const auto other = co_await make_token(stage, in_a_zone);
    co_await join(stage, join_body(other, *seal::make_tls_key()));
    const auto used =
        co_await call(stage, "DELETE", "/admin/v1/tokens/" + seal::parse_join_token(other)->id);
    EXPECT_EQ(used.text("state"), "used");
  });
}

TEST_F(JoiningTest, ARevokedMachineNeitherRenewsNorJoinsAgainUnderItsId) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", small_network);
    const auto key = *seal::make_tls_key();
    const auto token = co_await make_token(stage, in_a_zone);
    const auto joined = co_await join(stage, join_body(token, key));
    const auto id = joined.text("id");
    const auto typo = co_await call(stage, "DELETE", "/admin/v1/machines/" + id + "x");
    EXPECT_EQ(typo.code(), "resource_not_found");
    EXPECT_TRUE(typo.answer.body.contains("Did you mean '" + id + "'?")) << typo.answer.body;
    const auto revoked = co_await call(stage, "DELETE", "/admin/v1/machines/" + id);
    EXPECT_EQ(revoked.status, 200) << revoked.answer.body;
    EXPECT_EQ(revoked.text("state"), "revoked");
    const auto renewed =
        co_await stage.joining.renew(joined.text("identity"), *seal::make_tls_request(key), {});
    EXPECT_FALSE(renewed);
    EXPECT_EQ(renewed.error().code, Code::untrusted_peer);
    const auto again = co_await join(stage, join_body(token, key));
    EXPECT_EQ(again.code(), "untrusted_peer") << again.answer.body;
    const auto list = co_await call(stage, "GET", "/admin/v1/machines");
    EXPECT_TRUE(list.answer.body.contains("\"revoked\"")) << list.answer.body;
    const auto audit = co_await stage.control.read_audit(0, 1);
    EXPECT_TRUE(audit->entries.at(0).contains("revoke-machine"));
    EXPECT_TRUE(audit->entries.at(0).contains(id));
  });
}

TEST_F(JoiningTest, TheStoreHoldsNoSecretAndTheAuditLogHoldsEveryStep) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", small_network);
    const auto text = co_await make_token(stage, in_a_zone);
    const auto token = *seal::parse_join_token(text);
    co_await join(stage, join_body(text, *seal::make_tls_key()));
    const auto everything = co_await stage.store.range(store::RangeRequest{});
    for (const auto& item : everything->items) {
      EXPECT_FALSE(item.value.contains(token.secret)) << item.key;
    }
    const auto listed = co_await call(stage, "GET", "/admin/v1/tokens");
    EXPECT_FALSE(listed.answer.body.contains(token.secret));
    EXPECT_TRUE(listed.answer.body.contains("used"));
    const auto audit = co_await stage.control.read_audit(0, 3);
    std::string entries;
    for (const auto& entry : audit->entries) entries += entry;
    for (const char* part : {"create-token", "\"join\"", "/zone/eu-central-1a/gateway/"}) {
      EXPECT_TRUE(entries.contains(part)) << part << " in " << entries;
    }
    EXPECT_FALSE(entries.contains(token.secret));
  });
}

TEST_F(JoiningTest, TokensAndMachinesReadBackAsTheyWere) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", small_network);
    const auto text = co_await make_token(
        stage, R"({"zone": "eu-central-1a", "role": "meter", "expires": "2d"})");
    co_await join(stage, join_body(text, *seal::make_tls_key()));
    const auto tokens = co_await stage.joining.tokens();
    const auto machines = co_await stage.joining.machines();
    const auto token = tokens->at(0);
    const auto machine = machines->at(0);
    EXPECT_EQ(*parse_token(render_token(token)), token);
    EXPECT_EQ(*parse_machine(render_machine(machine)), machine);
    EXPECT_EQ(token.machine, machine.id);
    EXPECT_EQ(token.expires - token.created, Duration::hours(48));
    EXPECT_EQ(machine.identity, "spiffe://net/meter/" + machine.id);
  });
}

}  // namespace
}  // namespace portolan::control
