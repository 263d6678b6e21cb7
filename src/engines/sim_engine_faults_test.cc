#include <gtest/gtest.h>

#include "engines/sim_engine.h"
#include "engines/sim_engine_test_support.h"
#include "runtime/gate.h"

namespace portolan::engines {
namespace {

using namespace testing;

SimOptions slow_with(std::size_t slots, std::size_t queue) {
  SimOptions options = quick();
  options.slots = slots;
  options.queue = queue;
  options.tpot = Duration::milliseconds(20);
  return options;
}

// Begins a long stream and leaves when its head has come, or when cancelled.
Task<void> leave_early(Stage& stage, bool& got_head) {
  const Instant soon = stage.soon();
  auto exchange = co_await stage.pool.borrow(soon);
  check(exchange.has_value(), "no connection");
  http::Request request = chat_request(R"(,"max_tokens":5000,"stream":true)");
  const auto sent =
      co_await exchange->send(request.method, request.target, request.fields, request.body);
  EXPECT_TRUE(sent);
  const auto head = co_await exchange->read_head();
  got_head = head.has_value();
}

Task<void> order(Stage& stage, const char* fault) {
  const auto told = co_await post(stage, "/sim/faults", fault);
  EXPECT_EQ(told.status, 200) << told.body;
}

Task<http::Answer> drop_orders(Stage& stage) {
  return ask(stage, {"DELETE", "/sim/faults", {}, "", 1024});
}

bool one_began(Stage& stage) { return stage.state.executions.total().started == 1; }
bool one_aborted(Stage& stage) { return stage.state.executions.total().aborted == 1; }
bool one_waits(Stage& stage) { return stage.state.slots.waiting() == 1; }
bool nobody_waits(Stage& stage) { return stage.state.slots.waiting() == 0; }

TEST(SimEngineFaults, AClientThatLeavesFreesItsSlotAtOnce) {
  perform(
      [](Stage& stage) -> Task<void> {
        bool got_head = false;
        co_await leave_early(stage, got_head);
        EXPECT_TRUE(got_head);
        const bool freed = co_await comes_true(stage, one_aborted);
        EXPECT_TRUE(freed);
        EXPECT_EQ(stage.state.slots.busy(), 0u);
        EXPECT_LT(stage.state.totals.predicted_tokens, 1000u);
      },
      slow_with(1, 0));
}

TEST(SimEngineFaults, AFullQueueIsRefusedAndAWaiterThatLeavesIsForgotten) {
  perform(
      [](Stage& stage) -> Task<void> {
        auto first = stage.state.slots.acquire();
        auto lease = co_await std::move(first);
        EXPECT_TRUE(lease.has_value());
        bool got_head = false;
        runtime::Gate clients(stage.shard, 1);
        clients.start(leave_early(stage, got_head));
        const bool waits = co_await comes_true(stage, one_waits);
        EXPECT_TRUE(waits);
        const auto refused = co_await chat(stage, "");
        EXPECT_EQ(refused.status, 503);
        EXPECT_EQ(at(json_of(refused.body), {"error", "type"}), Json("unavailable_error"));
        co_await clients.close();
        const bool gone = co_await comes_true(stage, nobody_waits);
        EXPECT_TRUE(gone);
      },
      slow_with(1, 1));
}

TEST(SimEngineFaults, AStatusIsGivenAsOftenAsOrdered) {
  perform([](Stage& stage) -> Task<void> {
    const auto unknown = co_await post(stage, "/sim/faults", R"({"kind":"odd"})");
    EXPECT_EQ(unknown.status, 400);
    co_await order(stage, R"({"kind":"status","status":529,"count":2})");
    for (const int expected : {529, 529, 200}) {
      const auto answer = co_await chat(stage, R"(,"max_tokens":1)");
      EXPECT_EQ(answer.status, expected);
    }
    EXPECT_EQ(stage.state.executions.total().refused, 2u);
  });
}

TEST(SimEngineFaults, AHangEndsWithItsClient) {
  perform([](Stage& stage) -> Task<void> {
    co_await order(stage, R"({"kind":"hang"})");
    bool got_head = false;
    runtime::Gate clients(stage.shard, 1);
    clients.start(leave_early(stage, got_head));
    const bool begun = co_await comes_true(stage, one_began);
    EXPECT_TRUE(begun);
    EXPECT_EQ(stage.state.slots.busy(), 0u);
    co_await clients.close();
    const bool ended = co_await comes_true(stage, one_aborted);
    EXPECT_TRUE(ended);
    EXPECT_FALSE(got_head);
  });
}

TEST(SimEngineFaults, AResetComesBeforeTheFirstByteOrAfterSoManyTokens) {
  perform([](Stage& stage) -> Task<void> {
    co_await order(stage, R"([{"kind":"reset_after"},{"kind":"reset_after","tokens":2}])");
    const auto at_once = co_await chat(stage, R"(,"stream":true)");
    EXPECT_EQ(at_once.status, 0);
    EXPECT_EQ(stage.state.executions.total().tokens, 0u);
    const auto later = co_await chat(stage, R"(,"stream":true)");
    EXPECT_EQ(later.status, 0);
    EXPECT_EQ(stage.state.executions.total().tokens, 2u);
    EXPECT_EQ(stage.state.executions.total().aborted, 2u);
  });
}

TEST(SimEngineFaults, AnAbortedExecutionTellsWhatItGenerated) {
  perform([](Stage& stage) -> Task<void> {
    co_await order(stage, R"([{"kind":"reset_after","tokens":2}])");
    http::Request request = chat_request(R"(,"stream":true)");
    request.fields.push_back({"portolan-request-id", "r-1"});
    const auto cut = co_await ask(stage, std::move(request));
    EXPECT_EQ(cut.status, 0);
    const auto counts = co_await get(stage, "/sim/executions");
    const Json run = at(json_of(counts.body), {"requests", "r-1", "runs", "0"});
    EXPECT_EQ(at(run, {"prompt_tokens"}), Json(10));
    EXPECT_EQ(at(run, {"completion_tokens"}), Json(2));
    EXPECT_EQ(at(run, {"ended"}), Json("aborted"));
  });
}

TEST(SimEngineFaults, MalformedAnswersComeInFourForms) {
  perform([](Stage& stage) -> Task<void> {
    co_await order(stage, R"([{"kind":"malformed","variant":"head"},{"kind":"malformed"},)"
                          R"({"kind":"malformed","variant":"end"},)"
                          R"({"kind":"malformed","variant":"event"}])");
    const auto head = co_await chat(stage, "");
    EXPECT_EQ(head.status, 0);
    EXPECT_EQ(head.body, "malformed_peer");
    const auto json = co_await chat(stage, "");
    EXPECT_EQ(json.status, 200);
    EXPECT_FALSE(wire::parse_json(json.body));
    const auto end = co_await chat(stage, R"(,"stream":true)");
    EXPECT_EQ(end.status, 200);
    EXPECT_EQ(end.body.find("[DONE]"), std::string::npos);
    const auto event = co_await chat(stage, R"(,"stream":true)");
    EXPECT_NE(event.body.find("<html>"), std::string::npos);
    EXPECT_EQ(stage.state.executions.total().completed, 0u);
  });
}

TEST(SimEngineFaults, HealthFailsOnOrderAlone) {
  perform([](Stage& stage) -> Task<void> {
    co_await order(stage, R"([{"kind":"health"},{"kind":"health","mode":"failing","count":9}])");
    const auto loading = co_await get(stage, "/health");
    EXPECT_EQ(loading.status, 503);
    EXPECT_EQ(at(json_of(loading.body), {"error", "message"}), Json("Loading model"));
    const auto failing = co_await get(stage, "/health");
    EXPECT_EQ(failing.status, 503);
    const auto answer = co_await chat(stage, R"(,"max_tokens":1)");
    EXPECT_EQ(answer.status, 200);
    const auto cleared = co_await drop_orders(stage);
    EXPECT_EQ(cleared.status, 200);
    const auto healthy = co_await get(stage, "/health");
    EXPECT_EQ(healthy.status, 200);
  });
}

TEST(SimEngineFaults, AStallHoldsNewConnections) {
  perform_virtually(
      [](Stage& stage) -> Task<void> {
        co_await order(stage, R"({"kind":"accept_stall","ms":3000})");
        const Instant before = stage.shard.now();
        http::Pool other(stage.shard, stage.pool.origin());
        const Instant soon = stage.soon();
        const http::Request probe{"GET", "/health", {}, "", 1024};
        const auto answer = co_await http::fetch(other, probe, soon);
        EXPECT_TRUE(answer);
        EXPECT_GE(stage.shard.now() - before, Duration::milliseconds(2900));
        co_await other.close();
      },
      quick());
}

TEST(SimEngineFaults, SlowTakesSoManyTimesAsLong) {
  perform_virtually(
      [](Stage& stage) -> Task<void> {
        const auto warm = co_await chat(stage, R"(,"max_tokens":11)");
        EXPECT_EQ(warm.status, 200);
        for (const int factor : {1, 50}) {
          if (factor > 1) co_await order(stage, R"({"kind":"slow","factor":50})");
          const Instant before = stage.shard.now();
          const auto answer = co_await chat(stage, R"(,"max_tokens":11)");
          EXPECT_EQ(answer.status, 200);
          // 100 ms to the first token, and ten more of 10 ms each.
          const auto took = (stage.shard.now() - before).milliseconds();
          EXPECT_GE(took, 200 * factor);
          EXPECT_LE(took, 200 * factor + 20);
        }
      },
      [] {
        SimOptions options;
        options.ttft = Duration::milliseconds(100);
        options.ttft_per_token = Duration();
        options.tpot = Duration::milliseconds(10);
        return options;
      }());
}

}  // namespace
}  // namespace portolan::engines
