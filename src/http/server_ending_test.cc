#include <gtest/gtest.h>

#include "http/server.h"
#include "http/server_test_support.h"

namespace portolan::http {
namespace {

using namespace testing;

constexpr const char* simple_get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

// Begins an answer in pieces and then does what `then` says.
template <class Then>
Task<void> begin_two_pieces(Stage& stage, Exchange& exchange, Then then) {
  OwnedFields fields;
  const auto begun = co_await exchange.begin(200, fields);
  EXPECT_TRUE(begun.has_value());
  const std::string piece = "one";
  const auto sent = co_await exchange.send(piece);
  EXPECT_TRUE(sent.has_value());
  const std::string_view parts[] = {"tw", "", "o"};
  const auto parted = co_await exchange.send_pieces(parts);
  EXPECT_TRUE(parted.has_value());
  then(exchange);
  ++stage.handled;
}

Task<void> answer_in_pieces(Stage& stage, Exchange& exchange) {
  co_await begin_two_pieces(stage, exchange, [](Exchange&) {});
  const std::string last = "end";
  const auto finished = co_await exchange.finish_with(last);
  EXPECT_TRUE(finished.has_value());
  EXPECT_EQ(exchange.bytes_out(), 9u);
}

TEST(Leaving, CancelsTheHandler) {
  perform(wait_for_ever, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    co_await caller.say(simple_get);
    const auto begun = co_await await_told(stage);
    EXPECT_TRUE(begun.has_value());
    caller.hang_up();
    const auto ended = co_await await_told(stage);
    EXPECT_TRUE(ended.has_value());
    EXPECT_EQ(stage.fault->code, Code::cancelled);
  });
}

TEST(Leaving, ByAHalfCloseCancelsTheHandler) {
  perform(wait_for_ever, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    co_await caller.say(simple_get);
    const auto begun = co_await await_told(stage);
    EXPECT_TRUE(begun.has_value());
    caller.stream().shut_down_write();
    const auto heard = co_await caller.hear("");
    EXPECT_EQ(heard, "<reset>");
    EXPECT_EQ(stage.handled, 1);
  });
}

TEST(Leaving, IsSeenBehindPipelinedRequests) {
  perform(wait_for_ever, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    co_await caller.say(simple_get);
    const auto begun = co_await await_told(stage);
    EXPECT_TRUE(begun.has_value());
    co_await caller.say(simple_get);
    co_await runtime::yield(stage.shard);
    caller.hang_up();
    const auto ended = co_await await_told(stage);
    EXPECT_TRUE(ended.has_value());
    EXPECT_EQ(stage.handled, 1);
  });
}

TEST(UnansweredRequest, IsBrokenOff) {
  constexpr auto say_nothing = [](Stage& stage, Exchange&) -> Task<void> {
    ++stage.handled;
    co_return;
  };
  perform(say_nothing, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    co_await caller.say(simple_get);
    const auto heard = co_await caller.hear("");
    EXPECT_EQ(heard, "<reset>");
  });
}

TEST(BrokenOffAnswer, NeverLooksFinished) {
  constexpr auto break_off = [](Stage& stage, Exchange& exchange) -> Task<void> {
    co_await begin_two_pieces(stage, exchange, [](Exchange& one) { one.break_off(); });
    const auto refused = co_await exchange.finish();
    EXPECT_EQ(refused.error().code, Code::connection_closed);
  };
  perform(break_off, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    co_await caller.say(simple_get);
    const auto heard = co_await caller.hear("");
    EXPECT_FALSE(holds(heard, "0\r\n\r\n")) << heard;
    EXPECT_TRUE(heard.ends_with("<reset>")) << heard;
  });
}

TEST(AnswerInPieces, IsChunked) {
  perform(answer_in_pieces, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    for (int round = 0; round < 2; ++round) {
      co_await caller.say(simple_get);
      const auto heard = co_await caller.hear("0\r\n\r\n");
      EXPECT_TRUE(
          heard.ends_with("transfer-encoding: chunked\r\n\r\n"
                          "3\r\none\r\n3\r\ntwo\r\n3\r\nend\r\n0\r\n\r\n"))
          << heard;
    }
  });
}

TEST(AnswerInPieces, EndsWithTheConnectionForHttp10) {
  perform(answer_in_pieces, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    co_await caller.say("GET /a HTTP/1.0\r\n\r\n");
    const auto heard = co_await caller.hear("");
    EXPECT_TRUE(heard.ends_with("connection: close\r\n\r\nonetwoend")) << heard;
  });
}

TEST(ClientThatDoesNotRead, LosesItsAnswer) {
  constexpr auto answer_a_lot = [](Stage& stage, Exchange& exchange) -> Task<void> {
    OwnedFields fields;
    std::string body(64 * 1024 * 1024, 'x');
    const auto answered = co_await exchange.respond(200, fields, std::move(body));
    if (!answered) stage.fault = answered.error();
    stage.told.notify_all();
  };
  ServerOptions options;
  options.write_stall = Duration::milliseconds(50);
  perform(
      answer_a_lot,
      [](Stage& stage) -> Task<void> {
        auto caller = co_await call(stage);
        co_await caller.say(simple_get);
        const auto told = co_await await_told(stage);
        EXPECT_TRUE(told.has_value());
        EXPECT_EQ(stage.fault->code, Code::timed_out);
      },
      options);
}

// A listener of a process that is out of descriptors.
class PoorListener final : public runtime::Listener {
 public:
  PoorListener(runtime::Shard& shard, int& asked) : shard_(shard), asked_(asked) {}
  Task<Result<std::unique_ptr<runtime::Stream>>> accept() override {
    ++asked_;
    const auto turn = co_await runtime::sleep_until(shard_, Instant{});
    if (!turn) co_return turn.error();
    co_return Fault{Code::limit_exceeded, Retry::elsewhere, "out of sockets"};
  }
  runtime::Address address() const override { return {}; }

 private:
  runtime::Shard& shard_;
  int& asked_;
};

TEST(Accepting, WaitsInsteadOfSpinningWhenThereAreNoSockets) {
  perform(answer_hello, [](Stage& stage) -> Task<void> {
    int asked = 0;
    stage.server.serve(std::make_unique<PoorListener>(stage.shard, asked));
    const Instant begun = stage.shard.now();
    while (asked < 3) co_await runtime::yield(stage.shard);
    EXPECT_GE(stage.shard.now() - begun, Duration::milliseconds(100));
    // The other listener is served meanwhile.
    auto caller = co_await call(stage);
    co_await caller.say(simple_get);
    const auto heard = co_await caller.hear("hello");
    EXPECT_TRUE(begins(heard, "HTTP/1.1 200 "));
  });
}

TEST(Drain, EndsIdleConnectionsAndWaitsForAnswers) {
  constexpr auto answer_later = [](Stage& stage, Exchange& exchange) -> Task<void> {
    stage.told.notify_all();
    while (!stage.server.draining()) co_await runtime::yield(stage.shard);
    co_await answer_hello(stage, exchange);
  };
  perform(answer_later, [](Stage& stage) -> Task<void> {
    auto idle = co_await call(stage);
    auto busy = co_await call(stage);
    co_await busy.say(simple_get);
    const auto begun = co_await await_told(stage);
    EXPECT_TRUE(begun.has_value());
    const Instant deadline = stage.shard.now() + Duration::seconds(60);
    co_await stage.server.drain(deadline);
    EXPECT_LT(stage.shard.now(), deadline);
    EXPECT_EQ(stage.server.connections(), 0u);
    const auto silence = co_await idle.hear("");
    EXPECT_EQ(silence, "");
    const auto heard = co_await busy.hear("");
    EXPECT_TRUE(holds(heard, "connection: close\r\n")) << heard;
    EXPECT_TRUE(heard.ends_with("hello")) << heard;
  });
}

TEST(Drain, CancelsWhatIsNotDoneAtItsDeadline) {
  perform(wait_for_ever, [](Stage& stage) -> Task<void> {
    auto caller = co_await call(stage);
    co_await caller.say(simple_get);
    const auto begun = co_await await_told(stage);
    EXPECT_TRUE(begun.has_value());
    const Instant deadline = stage.shard.now() + Duration::milliseconds(50);
    co_await stage.server.drain(deadline);
    EXPECT_EQ(stage.handled, 1);
    EXPECT_EQ(stage.fault->code, Code::draining);
  });
}

TEST(Close, CancelsEverythingAndAwaitsIt) {
  perform(wait_for_ever, [](Stage& stage) -> Task<void> {
    auto first = co_await call(stage);
    auto other = co_await call(stage);
    auto slow = co_await call(stage);
    co_await slow.say("GET / HTT");
    co_await first.say(simple_get);
    const auto begun = co_await await_told(stage);
    EXPECT_TRUE(begun.has_value());
    co_await stage.server.close();
    EXPECT_EQ(stage.handled, 1);
    EXPECT_EQ(stage.server.connections(), 0u);
    const auto heard = co_await other.hear("");
    EXPECT_EQ(heard, "");
  });
}

TEST(Close, CancelsABodyBeingReadAndAnAnswerBeingWritten) {
  constexpr auto echo_a_lot = [](Stage& stage, Exchange& exchange) -> Task<void> {
    stage.told.notify_all();
    if (exchange.head().method == "POST") {
      co_await answer_echo(stage, exchange);
      co_return;
    }
    OwnedFields fields;
    std::string body(64 * 1024 * 1024, 'x');
    const auto answered = co_await exchange.respond(200, fields, std::move(body));
    EXPECT_EQ(answered.error().code, Code::cancelled);
    ++stage.handled;
  };
  perform(echo_a_lot, [](Stage& stage) -> Task<void> {
    auto reading = co_await call(stage);
    co_await reading.say("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
    const auto first = co_await await_told(stage);
    auto writing = co_await call(stage);
    co_await writing.say(simple_get);
    const auto other = co_await await_told(stage);
    EXPECT_TRUE(first && other);
    co_await stage.server.close();
    EXPECT_EQ(stage.handled, 2);
    EXPECT_EQ(stage.fault->code, Code::cancelled);
  });
}

}  // namespace
}  // namespace portolan::http
