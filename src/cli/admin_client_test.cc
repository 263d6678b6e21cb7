#include "cli/admin_client.h"

#include <gtest/gtest.h>

#include "http/server_test_support.h"
#include "runtime/offload.h"
#include "seal/tls_authority.h"

namespace portolan::cli {
namespace {

using http::testing::Stage;
using Kind = seal::Identity::Kind;

seal::Validity today() {
  const WallTime now = runtime::EpollShard().wall_now();
  return {now - Duration::hours(1), now + Duration::hours(1)};
}

seal::TlsCredential make_authority() {
  auto made = seal::make_tls_authority("local", today());
  check(made.has_value(), "no authority");
  return std::move(*made);
}

runtime::Task<void> answer_ok(Stage& stage, http::Exchange& exchange) {
  stage.seen = exchange.head().fields.find("authorization").value_or("");
  const http::OwnedFields fields = {{"content-type", "application/json"}};
  const std::string body = R"({"ok": true})";
  const auto sent = co_await exchange.respond(200, fields, body);
  EXPECT_TRUE(sent);
}

// Who is asked, and by whom the client wants it vouched for.
struct Meeting {
  Kind kind = Kind::control;
  const seal::TlsCredential& authority;
  std::string trusted;
};

struct Met {
  Result<wire::Json> answer;
  std::string key_seen;
};

runtime::Task<void> meet(runtime::Shard& shard, Meeting meeting, std::optional<Met>& into) {
  const seal::Identity identity{.network = "local",
                                .kind = meeting.kind,
                                .zone = meeting.kind == Kind::gateway ? "a" : "",
                                .id = "one"};
  const auto leaf = seal::issue_tls_leaf(meeting.authority, identity, today());
  check(leaf.has_value(), "no leaf");
  auto credentials = shard.network().make_credentials({.certificate = leaf->certificate,
                                                       .key = leaf->key,
                                                       .authority = meeting.authority.certificate,
                                                       .require_peer = false});
  check(credentials.has_value(), "no credentials");
  Stage stage(shard, answer_ok, {{}, std::move(*credentials)});
  // Not as its certificate has it.
  const std::string url = "https://[::ffff:127.0.0.1]:" + std::to_string(stage.address.port);
  const AdminAccess access{url, "secret", meeting.trusted};
  auto work = [access] { return call_admin(access, "GET", "/admin/v1/x", ""); };
  auto answer = co_await runtime::offload(shard, std::move(work));
  co_await stage.server.close();
  into.emplace(std::move(answer), stage.seen);
}

Met met(Meeting meeting) {
  std::optional<Met> result;
  runtime::EpollShard shard;
  shard.run(meet(shard, std::move(meeting), result));
  return std::move(*result);
}

TEST(AdminClient, SendsItsKeyToNoControlOfAnotherAuthority) {
  const auto authority = make_authority();
  const auto result = met({Kind::control, authority, make_authority().certificate});
  ASSERT_FALSE(result.answer);
  EXPECT_EQ(result.answer.error().code, Code::untrusted_peer);
  EXPECT_NE(result.answer.error().message.find("--admin-ca"), std::string::npos);
  EXPECT_EQ(result.key_seen, "");
}

TEST(AdminClient, SendsItsKeyToNoGatewayOrMeterOfTheNetwork) {
  const auto authority = make_authority();
  for (const Kind kind : {Kind::gateway, Kind::meter}) {
    const auto result = met({kind, authority, authority.certificate});
    ASSERT_FALSE(result.answer);
    EXPECT_EQ(result.answer.error().code, Code::untrusted_peer);
    EXPECT_EQ(result.key_seen, "");
  }
}

TEST(AdminClient, WithoutAnAuthorityOnlyTheSystemsAreTrusted) {
  const auto authority = make_authority();
  const auto result = met({Kind::control, authority, ""});
  ASSERT_FALSE(result.answer);
  EXPECT_EQ(result.answer.error().code, Code::untrusted_peer);
  EXPECT_EQ(result.key_seen, "");
}

TEST(AdminClient, SendsNoKeyInClearToAnotherMachine) {
  const AdminAccess access{"http://192.0.2.1:7400", "secret", make_authority().certificate};
  const auto refused = call_admin(access, "GET", "/admin/v1/x", "");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::invalid_parameter);
}

TEST(AdminClient, AControlOfThatAuthorityIsAskedWhereverItStands) {
  const auto authority = make_authority();
  const auto result = met({Kind::control, authority, authority.certificate});
  ASSERT_TRUE(result.answer) << result.answer.error().message;
  EXPECT_NE(result.answer->find("ok"), nullptr);
  EXPECT_EQ(result.key_seen, "Bearer secret");
}

}  // namespace
}  // namespace portolan::cli
