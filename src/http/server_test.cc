#include "http/server.h"

#include <gtest/gtest.h>

#include "http/server_test_support.h"

namespace portolan::http {
namespace {

using namespace testing;

constexpr const char* simple_get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr const char* hello_answer =
    "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nhello";

TEST(Server, AnswersNoRequestWithTheRenderedFaultAndEnds) {
  perform(answer_hello, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    co_await caller.say("G@T / HTTP/1.1\r\n\r\n");
    const auto heard = co_await caller.hear("");
    EXPECT_TRUE(begins(heard, "HTTP/1.1 400 ")) << heard;
    EXPECT_TRUE(holds(heard, "connection: close\r\n")) << heard;
    EXPECT_TRUE(heard.ends_with("malformed_request")) << heard;
    EXPECT_EQ(stage.handled, 0);
  });
}

TEST(Server, RefusesAHeadOverTheLimit) {
  perform(answer_hello, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    const std::string head =
        "GET / HTTP/1.1\r\nHost: h\r\nx: " + std::string(limits::head_bytes_max.count(), 'x');
    co_await caller.say(head);
    const auto heard = co_await caller.hear("");
    EXPECT_TRUE(begins(heard, "HTTP/1.1 431 ")) << heard;
    EXPECT_TRUE(heard.ends_with("head_too_large")) << heard;
  });
}

TEST(Server, RefusesAnExpectationItDoesNotKnow) {
  perform(answer_hello, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    co_await caller.say("GET / HTTP/1.1\r\nHost: h\r\nExpect: tea\r\n\r\n");
    const auto heard = co_await caller.hear("");
    EXPECT_TRUE(begins(heard, "HTTP/1.1 417 ")) << heard;
    EXPECT_EQ(stage.handled, 0);
  });
}

TEST(Server, EndsAHeadThatComesTooSlowly) {
  ServerOptions options;
  options.head_timeout = Duration::milliseconds(50);
  perform(
      answer_hello,
      [](Stage& stage) -> Task<void> {
        auto caller = co_await call(stage);
        co_await caller.say("GET / HTTP/1.1\r\nHost:");
        const auto heard = co_await caller.hear("");
        EXPECT_TRUE(begins(heard, "HTTP/1.1 408 ")) << heard;
        EXPECT_TRUE(heard.ends_with("request_timeout")) << heard;
      },
      options);
}

TEST(Server, EndsAnIdleConnectionWithoutAWord) {
  ServerOptions options;
  options.idle_timeout = Duration::seconds(1);  // its request is to come before
  perform(
      answer_hello,
      [](Stage& stage) -> Task<void> {
        auto caller = co_await call(stage);
        co_await caller.say(simple_get);
        const auto heard = co_await caller.hear("");
        EXPECT_EQ(heard, hello_answer);
      },
      options);
}

TEST(Server, TurnsAwayAConnectionOverTheLimit) {
  ServerOptions options;
  options.connections_max = 1;
  perform(
      answer_hello,
      [](Stage& stage) -> Task<void> {
        auto first = co_await call(stage);
        co_await first.say(simple_get);
        co_await first.hear("hello");
        auto other = co_await call(stage);
        const auto refused = co_await other.hear("");
        EXPECT_TRUE(begins(refused, "HTTP/1.1 503 ")) << refused;
        EXPECT_TRUE(refused.ends_with("overloaded")) << refused;
        co_await first.say(simple_get);
        const auto heard = co_await first.hear("hello");
        EXPECT_EQ(heard, hello_answer);
        EXPECT_EQ(stage.server.connections(), 1u);
      },
      options);
}

TEST(Server, TakesAHeadOneByteAtATime) {
  perform(answer_hello, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    for (const char c : std::string_view(simple_get)) {
      const std::string byte(1, c);
      co_await caller.say(byte);
      co_await runtime::yield(stage.shard);
    }
    const auto heard = co_await caller.hear("hello");
    EXPECT_EQ(heard, hello_answer);
  });
}

TEST(Server, KeepsAConnectionFromRequestToRequest) {
  perform(answer_hello, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    for (int i = 0; i < 300; ++i) {
      co_await caller.say(simple_get);
      const auto heard = co_await caller.hear("hello");
      EXPECT_EQ(heard, hello_answer) << i;
      if (heard != hello_answer) co_return;
    }
    EXPECT_EQ(stage.handled, 300);
    EXPECT_EQ(stage.server.connections(), 1u);
  });
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  perform(answer_echo, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    std::string requests;
    for (int i = 100; i < 900; ++i) {
      requests += "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n=" + std::to_string(i);
    }
    co_await caller.say(requests);
    for (int i = 100; i < 900; ++i) {
      const std::string echo = "=" + std::to_string(i);
      const auto heard = co_await caller.hear(echo);
      EXPECT_TRUE(begins(heard, "HTTP/1.1 200 OK\r\n")) << heard;
      if (!begins(heard, "HTTP/1.1 200 OK\r\n")) co_return;
    }
    EXPECT_EQ(stage.handled, 800);
  });
}

TEST(Server, ClosesWhenTheClientWantsIt) {
  perform(answer_hello, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    co_await caller.say("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const auto heard = co_await caller.hear("");
    EXPECT_TRUE(holds(heard, "connection: close\r\n")) << heard;
    EXPECT_TRUE(heard.ends_with("\r\n\r\nhello")) << heard;
  });
}

TEST(Server, AnswersHttp10AndCloses) {
  perform(answer_hello, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    co_await caller.say("GET / HTTP/1.0\r\n\r\n");
    const auto heard = co_await caller.hear("");
    EXPECT_TRUE(holds(heard, "connection: close\r\n")) << heard;
    EXPECT_TRUE(heard.ends_with("\r\n\r\nhello")) << heard;
  });
}

TEST(Server, AnswersHeadWithLengthAndWithoutBody) {
  perform(answer_hello, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    co_await caller.say("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n");
    co_await caller.say(simple_get);
    const auto bare = co_await caller.hear("\r\n\r\n");
    EXPECT_TRUE(holds(bare, "content-length: 5\r\n")) << bare;
    const auto heard = co_await caller.hear("hello");
    EXPECT_EQ(heard, hello_answer);
  });
}

}  // namespace
}  // namespace portolan::http
