#include "runtime/stream.h"

#include <gtest/gtest.h>

#include "runtime/runtime_test_support.h"
#include "runtime/tls_test_support.h"

namespace portolan::runtime {
namespace {

using namespace testing;

// Every truth here holds in clear and in TLS.
class Streams : public ::testing::TestWithParam<bool> {
 protected:
  using Play = Task<void> (*)(EpollShard&, Pair&);

  void perform_pair(Play play) {
    constexpr auto scene = [](EpollShard& shard, bool secure, Play plays) -> Task<void> {
      std::shared_ptr<const Credentials> credentials;
      if (secure) {
        const TestAuthority authority;
        auto made = shard.network().make_credentials(authority.issue("spiffe://n/x", true));
        check(made.has_value(), "no credentials");
        credentials = std::move(*made);
      }
      auto pair = co_await connect_pair(shard, credentials);
      co_await plays(shard, pair);
    };
    EpollShard shard;
    shard.run(scene(shard, GetParam(), play));
  }
};

INSTANTIATE_TEST_SUITE_P(All, Streams, ::testing::Values(false, true),
                         [](const auto& given) { return given.param ? "Tls" : "Clear"; });

TEST_P(Streams, ShowAResetAsAFault) {
  perform_pair([](EpollShard& shard, Pair& pair) -> Task<void> {
    pair.server->reset_on_close();
    pair.server.reset();
    const auto heard = co_await read_text(shard, *pair.client, 10);
    EXPECT_EQ(heard, "!connection_reset");
  });
}

TEST_P(Streams, GiveDataAndTheEndThatCameTogether) {
  perform_pair([](EpollShard& shard, Pair& pair) -> Task<void> {
    const std::string text = "last words";
    const auto written = co_await write_text(shard, *pair.server, text);
    EXPECT_TRUE(written.has_value());
    pair.server->shut_down_write();
    const auto slept = co_await sleep_for(shard, Duration::milliseconds(5));
    EXPECT_TRUE(slept.has_value());
    const auto first = co_await read_text(shard, *pair.client, 4);
    EXPECT_EQ(first, "last");
    const auto rest = co_await read_text(shard, *pair.client, 100);
    EXPECT_EQ(rest, " words");
    const auto end = co_await read_text(shard, *pair.client, 100);
    EXPECT_EQ(end, "");
    const auto still = co_await read_text(shard, *pair.client, 100);
    EXPECT_EQ(still, "");
  });
}

TEST_P(Streams, GoOnInTheOtherDirectionBehindAnEnd) {
  perform_pair([](EpollShard& shard, Pair& pair) -> Task<void> {
    pair.client->shut_down_write();
    const auto end = co_await read_text(shard, *pair.server, 10);
    EXPECT_EQ(end, "");
    const std::string text = "answer";
    const auto written = co_await write_text(shard, *pair.server, text);
    EXPECT_TRUE(written.has_value());
    const auto heard = co_await read_text(shard, *pair.client, 10);
    EXPECT_EQ(heard, "answer");
  });
}

TEST_P(Streams, LoseNothingOfACancelledRead) {
  perform_pair([](EpollShard& shard, Pair& pair) -> Task<void> {
    std::string heard;
    for (int round = 0; round < 50; ++round) {
      const Instant deadline = shard.now() + Duration::microseconds(round * 10);
      auto reading = read_text(shard, *pair.client, 3);
      const auto early = co_await until(shard, deadline, std::move(reading));
      if (!early.starts_with('!')) heard += early;
      const std::string text = "piece";
      const auto written = co_await write_text(shard, *pair.server, text);
      EXPECT_TRUE(written.has_value());
    }
    while (heard.size() < 250) heard += co_await read_text(shard, *pair.client, 100);
    std::string expected;
    for (int round = 0; round < 50; ++round) expected += "piece";
    EXPECT_EQ(heard, expected);
  });
}

TEST_P(Streams, HoldBackAWriterWhoseReaderIsSlow) {
  perform_pair([](EpollShard& shard, Pair& pair) -> Task<void> {
    constexpr std::size_t bytes = 10 * 1024 * 1024;
    constexpr auto write = [](Shard& on, Stream& stream, bool& done) -> Task<void> {
      std::string text(bytes, 'x');
      const auto written = co_await write_text(on, stream, std::move(text));
      EXPECT_TRUE(written.has_value());
      done = true;
      stream.shut_down_write();
    };
    bool done = false;
    Gate gate(shard, 1);
    gate.start(write(shard, *pair.server, done));
    for (int turn = 0; turn < 100; ++turn) co_await yield(shard);
    EXPECT_FALSE(done);
    const auto read = co_await read_to_end(shard, *pair.client);
    EXPECT_EQ(read, bytes);
    EXPECT_TRUE(done);
    co_await gate.drain();
  });
}

TEST_P(Streams, AreGoneAtOnceAfterACancelledWrite) {
  perform_pair([](EpollShard& shard, Pair& pair) -> Task<void> {
    std::string text(10 * 1024 * 1024, 'x');
    const Instant deadline = shard.now() + Duration::milliseconds(5);
    auto writing = write_text(shard, *pair.server, std::move(text));
    const auto written = co_await until(shard, deadline, std::move(writing));
    EXPECT_EQ(written.error().code, Code::deadline_exceeded);
    pair.server.reset();
    const auto read = co_await read_to_end(shard, *pair.client);
    EXPECT_LT(read, 10u * 1024 * 1024);
  });
}

TEST_P(Streams, GatherPiecesInOrder) {
  perform_pair([](EpollShard& shard, Pair& pair) -> Task<void> {
    std::array<std::string_view, Stream::write_pieces_max> pieces;
    pieces.fill("ab");
    pieces[3] = "";
    const auto written = co_await write_all(shard, *pair.client, pieces);
    EXPECT_TRUE(written.has_value());
    pair.client->shut_down_write();
    const auto read = co_await read_to_end(shard, *pair.server);
    EXPECT_EQ(read, 30u);
  });
}

TEST(Connecting, ToNobodyIsRefused) {
  perform([](EpollShard& shard) -> Task<void> {
    const Address address = listen(shard)->address();
    ConnectOptions options{address, nullptr, ""};
    const auto stream = co_await shard.network().connect(options);
    EXPECT_EQ(stream.error().code, Code::connection_refused);
    EXPECT_EQ(stream.error().retry, Retry::elsewhere);
  });
}

TEST(Connecting, ToANameThatIsNoneIsUnreachable) {
  perform([](EpollShard& shard) -> Task<void> {
    ConnectOptions options{{"no-such-host.invalid", 1}, nullptr, ""};
    const auto stream = co_await shard.network().connect(options);
    EXPECT_EQ(stream.error().code, Code::unreachable);
  });
}

TEST(Connecting, InTlsToAPeerThatSpeaksNoneIsAFault) {
  perform([](EpollShard& shard) -> Task<void> {
    const TestAuthority authority;
    const auto credentials = shard.network().make_credentials(authority.issue("spiffe://n/x"));
    auto listener = listen(shard);
    constexpr auto answer_in_clear = [](Shard& on, Listener& at) -> Task<void> {
      auto stream = co_await at.accept();
      const std::string text = "HTTP/1.1 400 Bad Request\r\n\r\n";
      const auto written = co_await write_text(on, **stream, text);
      EXPECT_TRUE(written.has_value());
    };
    Gate gate(shard, 1);
    gate.start(answer_in_clear(shard, *listener));
    ConnectOptions options{listener->address(), *credentials, ""};
    const auto stream = co_await shard.network().connect(options);
    EXPECT_FALSE(stream.has_value());
    co_await gate.drain();
  });
}

TEST(Listening, OnATakenPortIsRefusedUnlessShared) {
  perform([](EpollShard& shard) -> Task<void> {
    auto first = shard.network().listen({{"127.0.0.1", 0}, true, nullptr});
    const Address address = (*first)->address();
    const auto alone = shard.network().listen({address, false, nullptr});
    EXPECT_EQ(alone.error().code, Code::bad_configuration);
    const auto shared = shard.network().listen({address, true, nullptr});
    EXPECT_TRUE(shared.has_value());
    co_return;
  });
}

TEST(Listening, IsCancelled) {
  perform([](EpollShard& shard) -> Task<void> {
    auto listener = listen(shard);
    const Instant deadline = shard.now() + Duration::milliseconds(5);
    auto accepting = listener->accept();
    const auto stream = co_await until(shard, deadline, std::move(accepting));
    EXPECT_EQ(stream.error().code, Code::deadline_exceeded);
  });
}

}  // namespace
}  // namespace portolan::runtime
