#include <gtest/gtest.h>

#include "http/server.h"
#include "http/server_test_support.h"

namespace portolan::http {
namespace {

using namespace testing;

// Says all of it, as far as the peer lets it.
Task<void> pour(Caller& caller, std::size_t bytes, std::size_t& poured) {
  const std::string piece(64 * 1024, 'x');
  for (std::size_t said = 0; said < bytes; said += piece.size()) {
    const std::array<std::string_view, 1> pieces{piece};
    const auto written = co_await runtime::write_all(caller.shard(), caller.stream(), pieces);
    if (!written) co_return;
    poured += piece.size();
  }
}

Task<Result<std::string>> hear_to_the_end(Caller& caller) {
  auto heard = co_await caller.hear("");
  co_return heard;
}

Task<Status> pour_eight_megabytes(Caller& caller, std::size_t& poured) {
  constexpr std::size_t bytes = 8 * 1024 * 1024;
  co_await pour(caller, bytes, poured);
  // Blocked or reset: stays until the answer was heard.
  const auto rest = co_await runtime::sleep_until(caller.shard(), Instant::never());
  co_return rest;
}

TEST(RefusedBody, IsNotConsumedBeyondTheOneReadBuffer) {
  perform(answer_403, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    co_await caller.say("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 8388608\r\n\r\n");
    std::size_t poured = 0;
    auto hearing = hear_to_the_end(caller);
    auto pouring = pour_eight_megabytes(caller, poured);
    auto raced = co_await runtime::race(std::move(hearing), std::move(pouring));
    const std::string heard = raced.first->value();
    EXPECT_TRUE(begins(heard, "HTTP/1.1 403 Forbidden\r\n")) << heard;
    EXPECT_TRUE(holds(heard, "connection: close\r\n")) << heard;
    EXPECT_TRUE(holds(heard, "\r\n\r\nno")) << heard;
    EXPECT_LE(stage.bytes_read, limits::read_buffer_bytes.count());
  });
}

TEST(RefusedBody, OfAHandlerThatWaitsFillsTheBufferAtMost) {
  constexpr auto wait_then_refuse = [](Stage& stage, Exchange& exchange) -> Task<void> {
    const std::size_t many = limits::read_buffer_bytes.count() / 2;
    while (stage.bytes_read < many) co_await runtime::yield(stage.shard);
    for (int turn = 0; turn < 100; ++turn) co_await runtime::yield(stage.shard);
    co_await answer_403(stage, exchange);
  };
  perform(wait_then_refuse, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    co_await caller.say("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 8388608\r\n\r\n");
    std::size_t poured = 0;
    auto hearing = hear_to_the_end(caller);
    auto pouring = pour_eight_megabytes(caller, poured);
    auto raced = co_await runtime::race(std::move(hearing), std::move(pouring));
    EXPECT_TRUE(begins(raced.first->value(), "HTTP/1.1 403 Forbidden\r\n"));
    EXPECT_LE(stage.bytes_read, limits::read_buffer_bytes.count());
  });
}

TEST(RefusedBody, ThatIsSmallAndThereIsSkipped) {
  perform(answer_403, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    co_await caller.say("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nabcd");
    const auto first = co_await caller.hear("\r\n\r\nno");
    EXPECT_FALSE(holds(first, "connection: close")) << first;
    co_await caller.say(
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n");
    const auto other = co_await caller.hear("\r\n\r\nno");
    EXPECT_FALSE(holds(other, "connection: close")) << other;
    EXPECT_EQ(stage.handled, 2);
  });
}

TEST(RequestBody, OverTheHandlersLimitIsRefusedUnread) {
  constexpr auto small = [](Stage& stage, Exchange& exchange) -> Task<void> {
    const auto body = co_await exchange.read_body(10);
    if (!body) stage.fault = body.error();
    co_await answer_403(stage, exchange);
  };
  perform(small, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    co_await caller.say("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n");
    const auto announced = co_await caller.hear("");
    EXPECT_TRUE(begins(announced, "HTTP/1.1 403 ")) << announced;
    EXPECT_EQ(stage.fault->code, Code::body_too_large);
    stage.fault.reset();
    auto other = co_await call(stage);
    co_await other.say(
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n");
    const auto chunked = co_await other.hear("");
    EXPECT_TRUE(holds(chunked, "connection: close")) << chunked;
    EXPECT_EQ(stage.fault->code, Code::body_too_large);
  });
}

TEST(RequestBody, WithBrokenChunksIsMalformed) {
  perform(answer_echo, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    co_await caller.say("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
    const auto heard = co_await caller.hear("");
    EXPECT_TRUE(begins(heard, "HTTP/1.1 400 ")) << heard;
    EXPECT_TRUE(heard.ends_with("malformed_request")) << heard;
  });
}

TEST(RequestBody, ThatStallsTimesOut) {
  ServerOptions options;
  options.body_stall = Duration::milliseconds(50);
  perform(
      answer_echo,
      [](Stage& stage) -> Task<void> {
        auto caller = co_await call(stage);
        co_await caller.say("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabc");
        const auto heard = co_await caller.hear("");
        EXPECT_TRUE(begins(heard, "HTTP/1.1 408 ")) << heard;
        EXPECT_EQ(stage.fault->code, Code::request_timeout);
      },
      options);
}

TEST(RequestBody, CutOffByTheClientIsConnectionClosed) {
  perform(answer_echo, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    co_await caller.say("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabc");
    co_await runtime::yield(stage.shard);
    caller.hang_up();
    const auto told = co_await await_told(stage);
    EXPECT_TRUE(told.has_value());
    EXPECT_EQ(stage.fault->code, Code::connection_closed);
  });
}

TEST(RequestBody, OfAnyLengthArrivesWhole) {
  perform(answer_echo, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    for (const std::size_t length : {0u, 1u, 1000u, 4096u, 70'000u, 300'000u}) {
      std::string body(length, 'a');
      for (std::size_t i = 0; i < length; ++i) body[i] = static_cast<char>('a' + i % 23);
      const std::string request =
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n" +
          body;
      co_await caller.say(request);
      const auto head = co_await caller.hear("\r\n\r\n");
      EXPECT_TRUE(begins(head, "HTTP/1.1 200 OK\r\n")) << head;
      if (length == 0) continue;
      const auto echo = co_await caller.hear(body);
      EXPECT_TRUE(echo == body) << length;
    }
    EXPECT_EQ(stage.handled, 6);
  });
}

TEST(RequestBody, InChunksArrivesWhole) {
  perform(answer_echo, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    std::string body;
    std::string request = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 5000; ++i) {
      const std::string piece = std::to_string(i) + " chunks, ";
      char size[8];
      std::snprintf(size, sizeof size, "%zx", piece.size());
      request += size + ("\r\n" + piece) + "\r\n";
      body += piece;
    }
    request += "0\r\n\r\n";
    for (int round = 0; round < 2; ++round) {
      co_await caller.say(request);
      const auto head = co_await caller.hear("\r\n\r\n");
      EXPECT_TRUE(begins(head, "HTTP/1.1 200 OK\r\n")) << head;
      const auto echo = co_await caller.hear(body);
      EXPECT_TRUE(echo == body);
    }
  });
}

TEST(Expectation, IsNotMetBeforeTheBodyIsWanted) {
  perform(answer_403, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    co_await caller.say(
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    const auto heard = co_await caller.hear("");
    EXPECT_TRUE(begins(heard, "HTTP/1.1 403 ")) << heard;
    EXPECT_TRUE(holds(heard, "connection: close\r\n")) << heard;
  });
}

TEST(Expectation, IsMetWhenTheBodyIsWanted) {
  perform(answer_echo, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    co_await caller.say(
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    const auto interim = co_await caller.hear("\r\n\r\n");
    EXPECT_EQ(interim, "HTTP/1.1 100 Continue\r\n\r\n");
    co_await caller.say("abcde");
    const auto heard = co_await caller.hear("abcde");
    EXPECT_TRUE(begins(heard, "HTTP/1.1 200 ")) << heard;
  });
}

}  // namespace
}  // namespace portolan::http
