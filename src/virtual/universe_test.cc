#include "virtual/universe.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>

#include "runtime/combine.h"
#include "runtime/gate.h"
#include "runtime/wait.h"
#include "virtual/virtual_shard.h"

namespace portolan::virtual_time {
namespace {

using runtime::Task;

Task<void> echo_once(runtime::Shard& shard, runtime::Listener& listener) {
  auto accepted = co_await listener.accept();
  if (!accepted) co_return;
  std::unique_ptr<runtime::Stream> stream = std::move(*accepted);
  std::array<char, 64> bytes;
  for (;;) {
    const auto got = co_await runtime::read_some(shard, *stream, bytes);
    if (!got || *got == 0) co_return;
    const std::array pieces = {std::string_view(bytes.data(), *got)};
    const Status sent = co_await runtime::write_all(shard, *stream, pieces);
    if (!sent) co_return;
  }
}

Task<Result<std::string>> ask(runtime::Shard& shard, runtime::Address address, std::string text) {
  runtime::ConnectOptions options;
  options.address = address;
  CO_TRY(auto stream, co_await shard.network().connect(options));
  const std::array pieces = {std::string_view(text)};
  CO_TRY_DO(co_await runtime::write_all(shard, *stream, pieces));
  std::string answer;
  while (answer.size() < text.size()) {
    std::array<char, 16> bytes;
    CO_TRY(const std::size_t got, co_await runtime::read_some(shard, *stream, bytes));
    if (got == 0) co_return Fault{Code::connection_closed, Retry::never, "short"};
    answer.append(bytes.data(), got);
  }
  co_return answer;
}

struct Outcome {
  std::string trace;
  Result<std::string> answer = std::string();
  bool ended = false;
};

Outcome converse(std::uint64_t seed, Faults faults) {
  Universe universe(seed);
  universe.faults() = faults;
  VirtualShard& server = universe.add_machine("server");
  VirtualShard& client = universe.add_machine("client");
  runtime::ListenOptions options;
  auto listener = server.network().listen(options);
  const runtime::Address address = (*listener)->address();
  Outcome outcome;
  const auto scenario = [](VirtualShard& there, VirtualShard& here, runtime::Listener& at,
                           runtime::Address where, Outcome& into) -> Task<void> {
    runtime::Gate gate(there, 4);
    gate.start(echo_once(there, at));
    const Instant deadline = here.now() + Duration::seconds(10);
    auto question = ask(here, where, "what the sea said to the chart maker");
    into.answer = co_await runtime::until(here, deadline, std::move(question));
    co_await gate.close();
  };
  auto work = scenario(server, client, **listener, address, outcome);
  outcome.ended = universe.run(std::move(work), Duration::hours(1));
  outcome.trace = universe.trace();
  return outcome;
}

TEST(Universe, AConnectionThatIsLostEndsByItsDeadline) {
  Faults faults;
  faults.connection_lost = 1;
  const Outcome outcome = converse(1, faults);
  EXPECT_TRUE(outcome.ended);
  ASSERT_FALSE(outcome.answer);
  EXPECT_EQ(outcome.answer.error().code, Code::deadline_exceeded);
}

TEST(Universe, AResetIsSeenByTheOneWhoWaits) {
  Faults faults;
  faults.connection_reset = 1;
  const Outcome outcome = converse(1, faults);
  ASSERT_FALSE(outcome.answer);
  EXPECT_EQ(outcome.answer.error().code, Code::connection_reset);
}

TEST(Universe, ARefusedConnectSaysSo) {
  Faults faults;
  faults.connect_refused = 1;
  const Outcome outcome = converse(1, faults);
  ASSERT_FALSE(outcome.answer);
  EXPECT_EQ(outcome.answer.error().code, Code::connection_refused);
}

TEST(Universe, AMachineThatIsDownIsNotMistakenForOneself) {
  Universe universe(1);
  VirtualShard& here = universe.add_machine("here");
  VirtualShard& other = universe.add_machine("other");
  runtime::ListenOptions options;
  options.address.port = 80;
  const auto listener = here.network().listen(options);
  universe.cut_off(other);
  Result<std::string> answer = std::string();
  const auto scenario = [](VirtualShard& from, Result<std::string>& into) -> Task<void> {
    into = co_await ask(from, {"other", 80}, "is anybody there");
  };
  EXPECT_TRUE(universe.run(scenario(here, answer), Duration::hours(1)));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::connection_refused);
}

TEST(Universe, BytesArriveInOrderHoweverTheyAreCut) {
  Faults faults;
  faults.short_read = 0.7;
  faults.delivery_delayed = 0.5;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Outcome outcome = converse(seed, faults);
    ASSERT_TRUE(outcome.answer) << "seed " << seed;
    EXPECT_EQ(*outcome.answer, "what the sea said to the chart maker") << "seed " << seed;
  }
}

TEST(Universe, OneSeedGivesOneTraceAndAnotherSeedAnother) {
  Faults faults;
  faults.delivery_delayed = 0.5;
  faults.short_read = 0.5;
  EXPECT_EQ(converse(7, faults).trace, converse(7, faults).trace);
  EXPECT_NE(converse(7, faults).trace, converse(8, faults).trace);
}

TEST(Universe, WorkThatNeverEndsIsCancelledAfterItsSpan) {
  Universe universe(3);
  VirtualShard& machine = universe.add_machine("alone");
  const auto forever = [](VirtualShard& here) -> Task<void> {
    for (;;) {
      const Status slept = co_await runtime::sleep_for(here, Duration::seconds(1));
      if (!slept) co_return;
    }
  };
  EXPECT_FALSE(universe.run(forever(machine), Duration::seconds(30)));
  EXPECT_LE(universe.now().ns, Duration::seconds(33).ns);
}

}  // namespace
}  // namespace portolan::virtual_time
