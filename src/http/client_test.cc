#include "http/client.h"

#include <gtest/gtest.h>

#include "http/client_test_support.h"

namespace portolan::http {
namespace {

using namespace testing;

constexpr const char* hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

TEST(Answer, ThatIsNoneIsTheFaultItDeserves) {
  perform_with([](Counterpart& peer) -> Task<void> {
    const auto silence = co_await ask_and_answer(peer, "", true);
    EXPECT_EQ(silence, "!connection_closed");
    const auto half = co_await ask_and_answer(peer, "HTTP/1.1 200 O", true);
    EXPECT_EQ(half, "!connection_closed");
    const auto noise = co_await ask_and_answer(peer, "SSH-2.0-OpenSSH\r\n", false);
    EXPECT_EQ(noise, "!malformed_peer");
    const auto twice = co_await ask_and_answer(
        peer, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", false);
    EXPECT_EQ(twice, "!malformed_peer");
    std::string interim;
    for (int i = 0; i < 100; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
    const char* for_ever = interim.c_str();
    const auto never = co_await ask_and_answer(peer, for_ever, false);
    EXPECT_EQ(never, "!malformed_peer");
  });
}

TEST(Answer, CutOffIsNeverWhole) {
  perform_with([](Counterpart& peer) -> Task<void> {
    const auto length =
        co_await ask_and_answer(peer, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", true);
    EXPECT_EQ(length, "200 !connection_closed");
    const auto chunked = co_await ask_and_answer(
        peer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", true);
    EXPECT_EQ(chunked, "200 !connection_closed");
    const auto broken = co_await ask_and_answer(
        peer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX", false);
    EXPECT_EQ(broken, "200 !malformed_peer");
  });
}

TEST(Answer, IsReadByEveryFraming) {
  perform_with([](Counterpart& peer) -> Task<void> {
    const auto length = co_await ask_and_answer(peer, hello, false);
    EXPECT_EQ(length, "200 hello");
    const auto chunked = co_await ask_and_answer(peer,
                                                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                                                 "\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n",
                                                 false);
    EXPECT_EQ(chunked, "200 hello");
    const auto closed = co_await ask_and_answer(peer, "HTTP/1.1 200 OK\r\n\r\nhello", true);
    EXPECT_EQ(closed, "200 hello");
    const auto old = co_await ask_and_answer(peer, "HTTP/1.0 200 OK\r\n\r\nhello", true);
    EXPECT_EQ(old, "200 hello");
    const auto none = co_await ask_and_answer(peer, "HTTP/1.1 204 No Content\r\n\r\n", false);
    EXPECT_EQ(none, "204 ");
    const auto interim = co_await ask_and_answer(
        peer,
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno",
        false);
    EXPECT_EQ(interim, "404 no");
  });
}

TEST(Answer, BeyondTheReadersLimitIsRefused) {
  perform_with([](Counterpart& peer) -> Task<void> {
    const Instant deadline = peer.soon();
    auto exchange = co_await peer.pool.connect(deadline);
    auto other = co_await peer.accept();
    co_await send_get(*exchange);
    co_await other.say(hello);
    const auto head = co_await exchange->read_head();
    EXPECT_TRUE(head.has_value());
    const auto body = co_await exchange->read_all(4);
    EXPECT_EQ(body.error().code, Code::limit_exceeded);
  });
}

TEST(Request, SaysHostLengthAndNothingElse) {
  perform_with([](Counterpart& peer) -> Task<void> {
    const Instant deadline = peer.soon();
    auto exchange = co_await peer.pool.connect(deadline);
    auto other = co_await peer.accept();
    const std::string host = to_string(peer.origin().address);
    const std::string method = "POST";
    const std::string target = "/v1/x?y=z";
    const OwnedFields fields{{"x-one", "1"}};
    const std::string body = "abc";
    const auto sent = co_await exchange->send(method, target, fields, body);
    EXPECT_TRUE(sent.has_value());
    const auto heard = co_await other.hear("abc");
    EXPECT_EQ(heard, "POST /v1/x?y=z HTTP/1.1\r\nhost: " + host +
                         "\r\nx-one: 1\r\ncontent-length: 3\r\n\r\nabc");
  });
}

TEST(Request, MeetingADeadConnectionIsAFault) {
  perform_with([](Counterpart& peer) -> Task<void> {
    const Instant deadline = peer.soon();
    auto exchange = co_await peer.pool.connect(deadline);
    {
      auto other = co_await peer.accept();
    }
    const OwnedFields fields;
    const std::string method = "GET";
    const std::string target = "/";
    const std::string no_body;
    const auto sent = co_await exchange->send(method, target, fields, no_body);
    if (!sent) EXPECT_EQ(sent.error().retry, Retry::elsewhere);
    const auto head = co_await exchange->read_head();
    EXPECT_FALSE(head.has_value());
    EXPECT_EQ(head.error().retry, Retry::elsewhere);
  });
}

TEST(Pool, NeverLendsAConnectionThatItsPeerHasEnded) {
  perform_with([](Counterpart& peer) -> Task<void> {
    auto other = co_await serve_once(peer, true);
    EXPECT_EQ(peer.pool.idle(), 1u);
    other.hang_up();
    // The end is known to the kernel alone, in this turn of the loop.
    const Instant deadline = peer.soon();
    const auto exchange = co_await peer.pool.borrow(deadline);
    EXPECT_TRUE(exchange.has_value());
    EXPECT_FALSE(exchange->reused());
    EXPECT_EQ(peer.pool.idle(), 0u);
  });
}

TEST(Pool, DropsAnIdleConnectionThatSaysSomething) {
  perform_with([](Counterpart& peer) -> Task<void> {
    auto other = co_await serve_once(peer, true);
    EXPECT_EQ(peer.pool.idle(), 1u);
    co_await other.say("HTTP/1.1 200 OK\r\n\r\n");
    const auto heard = co_await other.hear("");
    EXPECT_TRUE(heard == "" || heard == "<reset>") << heard;
    EXPECT_EQ(peer.pool.idle(), 0u);
  });
}

TEST(Pool, DropsAnIdleConnectionWhenItsPeerEndsIt) {
  perform_with([](Counterpart& peer) -> Task<void> {
    auto other = co_await serve_once(peer, true);
    other.stream().shut_down_write();
    const auto heard = co_await other.hear("");
    EXPECT_EQ(heard, "");
    EXPECT_EQ(peer.pool.idle(), 0u);
  });
}

TEST(Pool, KeepsNoConnectionWhoseAnswerWasNotReadToItsEnd) {
  perform_with([](Counterpart& peer) -> Task<void> {
    auto other = co_await serve_once(peer, false);
    EXPECT_EQ(peer.pool.idle(), 0u);
    const auto heard = co_await other.hear("");
    EXPECT_TRUE(heard == "" || heard == "<reset>") << heard;
  });
}

TEST(Pool, LendsAConnectionAgain) {
  perform_with([](Counterpart& peer) -> Task<void> {
    auto other = co_await serve_once(peer, true);
    const Instant deadline = peer.soon();
    auto exchange = co_await peer.pool.borrow(deadline);
    EXPECT_TRUE(exchange->reused());
    co_await send_get(*exchange);
    co_await other.say(hello);
    const auto head = co_await exchange->read_head();
    EXPECT_EQ(head.value()->status, 200);
    const auto body = co_await exchange->read_all(100);
    EXPECT_EQ(body.value(), "hello");
  });
}

TEST(Pool, ReportsWhoIsNotThere) {
  perform_with([](Counterpart& peer) -> Task<void> {
    peer.listener.reset();
    const Instant deadline = peer.soon();
    const auto exchange = co_await peer.pool.borrow(deadline);
    EXPECT_EQ(exchange.error().code, Code::connection_refused);
    EXPECT_EQ(exchange.error().retry, Retry::elsewhere);
    co_await peer.pool.close();
    const auto closed = co_await peer.pool.borrow(deadline);
    EXPECT_EQ(closed.error().code, Code::cancelled);
  });
}

TEST(Pool, IsCancelledInEveryWait) {
  perform_with([](Counterpart& peer) -> Task<void> {
    constexpr auto read_head = [](Counterpart& one) -> Task<Status> {
      const Instant deadline = one.soon();
      CO_TRY(auto exchange, co_await one.pool.borrow(deadline));
      co_await send_get(exchange);
      CO_TRY(const auto* head, co_await exchange.read_head());
      EXPECT_EQ(head, nullptr);
      co_return Status();
    };
    constexpr auto write_a_lot = [](Counterpart& one) -> Task<Status> {
      const Instant deadline = one.soon();
      CO_TRY(auto exchange, co_await one.pool.borrow(deadline));
      const std::string method = "POST";
      const std::string target = "/";
      const OwnedFields fields;
      std::string body(64 * 1024 * 1024, 'x');
      auto sent = co_await exchange.send(method, target, fields, std::move(body));
      co_return sent;
    };
    const Instant soon = peer.shard.now() + Duration::milliseconds(30);
    auto reading = read_head(peer);
    const auto read = co_await runtime::until(peer.shard, soon, std::move(reading));
    EXPECT_EQ(read.error().code, Code::deadline_exceeded);
    const Instant later = peer.shard.now() + Duration::milliseconds(30);
    auto writing = write_a_lot(peer);
    const auto written = co_await runtime::until(peer.shard, later, std::move(writing));
    EXPECT_EQ(written.error().code, Code::deadline_exceeded);
    EXPECT_EQ(peer.pool.idle(), 0u);
  });
}

}  // namespace
}  // namespace portolan::http
