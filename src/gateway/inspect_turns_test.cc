#include "gateway/inspect_turns.h"

#include <gtest/gtest.h>

#include "runtime/gate.h"
#include "runtime/wait.h"
#include "virtual/universe.h"
#include "virtual/virtual_shard.h"

namespace portolan::gateway {
namespace {

using runtime::Task;

model::Engine two_slots() {
  model::Engine engine;
  engine.kind = "llama.cpp";
  engine.url = "http://e";
  engine.slots = 2;
  return engine;
}

struct Stage {
  runtime::Shard& shard;
  InspectTurns turns{};
  EngineBoard board{};
  model::Engine engine = two_slots();

  Instant in(std::int64_t seconds) const { return shard.now() + Duration::seconds(seconds); }
};

using Play = Task<void> (*)(Stage& stage);

Task<void> run_play(runtime::Shard& shard, Play play) {
  Stage stage{.shard = shard};
  stage.board.set_engines({stage.engine});
  stage.board.probe_succeeded("http://e");
  co_await play(stage);
}

void perform(Play play) {
  virtual_time::Universe universe(1);
  auto& machine = universe.add_machine("gateway");
  EXPECT_TRUE(universe.run(run_play(machine, play), Duration::hours(1)));
}

// Holds the engine's turn for ten seconds.
Task<void> hold_turn(Stage& stage) {
  const Instant deadline = stage.in(1);
  const auto turn = co_await stage.turns.take(stage.shard, "http://e", deadline);
  EXPECT_TRUE(turn);
  const Status slept = co_await runtime::sleep_for(stage.shard, Duration::seconds(10));
  EXPECT_TRUE(slept);
}

TEST(InspectTurns, AnEngineIsAskedByOneInspectionAtATime) {
  perform([](Stage& stage) -> Task<void> {
    runtime::Gate beside(stage.shard, 1);
    beside.start(hold_turn(stage));
    const Instant early = stage.in(5);
    const auto refused = co_await stage.turns.take(stage.shard, "http://e", early);
    EXPECT_EQ(refused.error().code, Code::deadline_exceeded);
    const auto other = co_await stage.turns.take(stage.shard, "http://f", early);
    EXPECT_TRUE(other) << "another engine's turn is its own";
    const Instant late = stage.in(20);
    const auto taken = co_await stage.turns.take(stage.shard, "http://e", late);
    EXPECT_TRUE(taken);
    co_await beside.drain();
  });
}

TEST(InspectTurns, RequestsThatFillAnEngineAreLeftAlone) {
  perform([](Stage& stage) -> Task<void> {
    EngineBoard::Lease first(stage.board, "http://e", nullptr);
    const Instant deadline = stage.in(5);
    const Status full = co_await await_room(stage.shard, stage.board, stage.engine, deadline);
    EXPECT_EQ(full.error().code, Code::overloaded) << "the last free slot is for a request";
    stage.engine.slots = 3;
    const Instant again = stage.in(5);
    const Status room = co_await await_room(stage.shard, stage.board, stage.engine, again);
    EXPECT_TRUE(room);
  });
}

TEST(InspectTurns, AnEngineWithOneSlotIsAskedWhenItIsIdle) {
  perform([](Stage& stage) -> Task<void> {
    stage.engine.slots = 1;
    const Instant deadline = stage.in(5);
    const Status room = co_await await_room(stage.shard, stage.board, stage.engine, deadline);
    EXPECT_TRUE(room);
  });
}

TEST(InspectTurns, AnEngineThatIsDownIsNotWaitedFor) {
  perform([](Stage& stage) -> Task<void> {
    stage.board.connection_failed("http://e");
    const Instant before = stage.shard.now();
    const Instant deadline = stage.in(5);
    const Status down = co_await await_room(stage.shard, stage.board, stage.engine, deadline);
    EXPECT_EQ(down.error().code, Code::unreachable);
    EXPECT_EQ(stage.shard.now(), before);
  });
}

}  // namespace
}  // namespace portolan::gateway
