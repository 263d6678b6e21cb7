#include <gtest/gtest.h>

#include "http/client.h"
#include "http/server_test_support.h"
#include "runtime/tls_test_support.h"

namespace portolan::http {
namespace {

using namespace testing;
using runtime::testing::TestAuthority;

constexpr const char* server_name = "spiffe://n/zone/a/gateway/1";
constexpr const char* client_name = "spiffe://n/zone/b/gateway/2";

Task<void> answer_with_identity(Stage& stage, Exchange& exchange) {
  stage.seen = exchange.peer_identity();
  co_await answer_echo(stage, exchange);
}

Request post(std::string body) {
  Request request;
  request.method = "POST";
  request.target = "/echo";
  request.body = std::move(body);
  return request;
}

std::shared_ptr<const runtime::Credentials> credentials(runtime::Shard& shard,
                                                        runtime::TlsMaterial material) {
  auto made = shard.network().make_credentials(std::move(material));
  check(made.has_value(), "no credentials");
  return std::move(*made);
}

using TlsPlay = Task<void> (*)(Stage& stage, const TestAuthority& authority);

// A scene with a server that wants its clients' certificates.
void perform_mutual(TlsPlay play) {
  constexpr auto scene = [](runtime::Shard& shard, TlsPlay plays) -> Task<void> {
    const TestAuthority authority;
    Stage stage(shard, answer_with_identity,
                {{}, credentials(shard, authority.issue(server_name, true))});
    co_await plays(stage, authority);
    co_await stage.server.close();
  };
  runtime::EpollShard shard;
  shard.run(scene(shard, play));
}

Task<Result<Answer>> ask(Stage& stage, Origin origin, std::string body) {
  Pool pool(stage.shard, origin);
  const Instant deadline = stage.shard.now() + Duration::seconds(60);
  const Request request = post(body);
  auto answer = co_await fetch(pool, request, deadline);
  co_await pool.close();
  co_return answer;
}

TEST(MutualTls, RefusesAServerOfAnotherIdentity) {
  perform_mutual([](Stage& stage, const TestAuthority& authority) -> Task<void> {
    const Origin origin{stage.address, credentials(stage.shard, authority.issue(client_name)),
                        "localhost", "spiffe://n/zone/c/gateway/3"};
    const std::string body = "x";
    const auto answer = co_await ask(stage, origin, body);
    EXPECT_EQ(answer.error().code, Code::untrusted_peer);
    EXPECT_EQ(answer.error().retry, Retry::elsewhere);
    EXPECT_EQ(stage.handled, 0);
  });
}

TEST(MutualTls, RefusesAServerOfAnotherAuthority) {
  perform_mutual([](Stage& stage, const TestAuthority& authority) -> Task<void> {
    const TestAuthority stranger;
    auto material = authority.issue(client_name);
    material.authority = stranger.certificate();
    const Origin origin{stage.address, credentials(stage.shard, material), "", ""};
    const std::string body = "x";
    const auto answer = co_await ask(stage, origin, body);
    EXPECT_EQ(answer.error().code, Code::untrusted_peer);
  });
}

TEST(MutualTls, RefusesAServerOfAnotherName) {
  perform_mutual([](Stage& stage, const TestAuthority& authority) -> Task<void> {
    const Origin origin{stage.address, credentials(stage.shard, authority.issue(client_name)),
                        "elsewhere.example", ""};
    const std::string body = "x";
    const auto answer = co_await ask(stage, origin, body);
    EXPECT_EQ(answer.error().code, Code::untrusted_peer);
  });
}

TEST(MutualTls, RefusesAClientWithoutACertificate) {
  perform_mutual([](Stage& stage, const TestAuthority& authority) -> Task<void> {
    runtime::TlsMaterial material;
    material.authority = authority.certificate();
    const Origin origin{stage.address, credentials(stage.shard, material), "localhost", ""};
    const std::string body = "x";
    const auto answer = co_await ask(stage, origin, body);
    EXPECT_FALSE(answer.has_value());
    EXPECT_EQ(stage.handled, 0);
  });
}

TEST(MutualTls, ShowsEachSideToTheOther) {
  perform_mutual([](Stage& stage, const TestAuthority& authority) -> Task<void> {
    const Origin origin{stage.address, credentials(stage.shard, authority.issue(client_name)),
                        "localhost", server_name};
    const std::string body(300'000, 'b');
    const auto answer = co_await ask(stage, origin, body);
    EXPECT_TRUE(answer.has_value() && answer->body == body);
    EXPECT_EQ(stage.seen, client_name);
  });
}

TEST(MutualTls, KeepsAndDropsConnectionsAsInClear) {
  perform_mutual([](Stage& stage, const TestAuthority& authority) -> Task<void> {
    Pool pool(stage.shard, {stage.address, credentials(stage.shard, authority.issue(client_name)),
                            "localhost", server_name});
    const Instant deadline = stage.shard.now() + Duration::seconds(60);
    const Request request = post("hello");
    for (int round = 0; round < 3; ++round) {
      const auto answer = co_await fetch(pool, request, deadline);
      EXPECT_EQ(answer.value().body, "hello");
      EXPECT_EQ(pool.idle(), 1u);
      EXPECT_EQ(stage.server.connections(), 1u);
    }
    co_await stage.server.close();
    const auto gone = co_await pool.borrow(deadline);
    EXPECT_EQ(gone.error().code, Code::connection_refused);
    co_await pool.close();
  });
}

TEST(MutualTls, LeavingCancelsTheHandler) {
  constexpr auto scene = [](runtime::Shard& shard) -> Task<void> {
    const TestAuthority authority;
    Stage stage(shard, wait_for_ever, {{}, credentials(shard, authority.issue(server_name, true))});
    Pool pool(shard, {stage.address, credentials(shard, authority.issue(client_name)), "", ""});
    {
      const Instant deadline = shard.now() + Duration::seconds(60);
      auto exchange = co_await pool.borrow(deadline);
      const std::string method = "GET";
      const std::string target = "/";
      const OwnedFields fields;
      const std::string no_body;
      const auto sent = co_await exchange->send(method, target, fields, no_body);
      EXPECT_TRUE(sent.has_value());
      const auto begun = co_await await_told(stage);
      EXPECT_TRUE(begun.has_value());
    }
    const auto ended = co_await await_told(stage);
    EXPECT_TRUE(ended.has_value());
    EXPECT_EQ(stage.fault->code, Code::cancelled);
    co_await pool.close();
    co_await stage.server.close();
  };
  runtime::EpollShard shard;
  shard.run(scene(shard));
}

TEST(RoundTrip, ReusesOneConnectionForBodiesOfAllSizes) {
  perform(answer_echo, [](Stage& stage) -> Task<void> {
    Pool pool(stage.shard, {stage.address, nullptr, "", ""});
    const Instant deadline = stage.shard.now() + Duration::seconds(60);
    for (const std::size_t length : {0u, 1u, 5'000u, 100'000u, 9'000'000u, 3u}) {
      const Request request = post(std::string(length, 'z'));
      const auto answer = co_await fetch(pool, request, deadline);
      EXPECT_TRUE(answer.has_value() && answer->body == request.body) << length;
    }
    EXPECT_EQ(pool.idle(), 1u);
    EXPECT_EQ(stage.server.connections(), 1u);
    co_await pool.close();
  });
}

TEST(RoundTrip, OfHeadHasFieldsAndNoBody) {
  perform(answer_hello, [](Stage& stage) -> Task<void> {
    Pool pool(stage.shard, {stage.address, nullptr, "", ""});
    const Instant deadline = stage.shard.now() + Duration::seconds(60);
    Request request;
    request.method = "HEAD";
    request.target = "/";
    for (int round = 0; round < 2; ++round) {
      const auto answer = co_await fetch(pool, request, deadline);
      EXPECT_EQ(answer.value().status, 200);
      EXPECT_EQ(answer.value().field("Content-Length"), "5");
      EXPECT_EQ(answer.value().body, "");
    }
    EXPECT_EQ(stage.server.connections(), 1u);
    co_await pool.close();
  });
}

TEST(RoundTrip, OfARefusedUploadEndsWithTheRefusal) {
  perform(answer_403, [](Stage& stage) -> Task<void> {
    Pool pool(stage.shard, {stage.address, nullptr, "", ""});
    const Instant deadline = stage.shard.now() + Duration::seconds(60);
    auto exchange = co_await pool.connect(deadline);
    const std::string method = "POST";
    const std::string target = "/";
    const OwnedFields fields;
    std::string body(16 * 1024 * 1024, 'x');
    const auto sent = co_await exchange->send(method, target, fields, std::move(body));
    EXPECT_FALSE(sent.has_value());
    const auto head = co_await exchange->read_head();
    EXPECT_EQ(head.value()->status, 403);
    const auto text = co_await exchange->read_all(100);
    EXPECT_EQ(text.value(), "no");
    constexpr auto give_back = [](ClientExchange) {};
    give_back(std::move(*exchange));
    co_await pool.close();
  });
}

}  // namespace
}  // namespace portolan::http
