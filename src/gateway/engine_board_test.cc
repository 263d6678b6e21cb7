#include "gateway/engine_board.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace portolan::gateway {
namespace {

model::Engine engine_at(std::string url) {
  model::Engine engine;
  engine.url = std::move(url);
  engine.slots = 2;
  return engine;
}

TEST(EngineBoard, AnEngineIsNotTrustedBeforeItsFirstProbe) {
  EngineBoard board;
  board.set_engines({engine_at("a")});
  EXPECT_FALSE(board.load_of(engine_at("a")).healthy);
  EXPECT_FALSE(board.any_healthy());
  board.probe_succeeded("a");
  EXPECT_TRUE(board.load_of(engine_at("a")).healthy);
}

TEST(EngineBoard, AnEngineThatIsNotOnItIsNotHealthy) {
  EngineBoard board;
  board.probe_succeeded("ghost");
  board.probe_failed("ghost");
  board.connection_failed("ghost");
  EXPECT_FALSE(board.load_of(engine_at("ghost")).healthy);
}

TEST(EngineBoard, OneFailedProbeIsForgiven) {
  EngineBoard board;
  board.set_engines({engine_at("a")});
  board.probe_succeeded("a");
  board.probe_failed("a");
  EXPECT_TRUE(board.load_of(engine_at("a")).healthy);
  board.probe_succeeded("a");
  board.probe_failed("a");
  EXPECT_TRUE(board.load_of(engine_at("a")).healthy);
}

TEST(EngineBoard, AHungEngineLosesItsExecutionsAndNoOthers) {
  EngineBoard board;
  board.set_engines({engine_at("a"), engine_at("b")});
  board.probe_succeeded("a");
  board.probe_succeeded("b");
  EngineBoard::Lease on_a(board, "a", nullptr);
  EngineBoard::Lease on_b(board, "b", nullptr);
  for (std::uint64_t i = 0; i < limits::probe_failures_max.value; ++i) board.probe_failed("a");
  EXPECT_FALSE(board.load_of(engine_at("a")).healthy);
  EXPECT_TRUE(on_a.engine_lost());
  EXPECT_TRUE(on_a.scope().is_cancelled());
  EXPECT_EQ(on_a.scope().reason(), Code::engine_failed);
  EXPECT_FALSE(on_b.engine_lost());
  EXPECT_FALSE(on_b.scope().is_cancelled());
}

TEST(EngineBoard, LoadIsTheNumberOfLeasesAlive) {
  EngineBoard board;
  board.set_engines({engine_at("a")});
  {
    EngineBoard::Lease first(board, "a", nullptr);
    EngineBoard::Lease other(board, "a", nullptr);
    EXPECT_EQ(board.load_of(engine_at("a")).in_flight, 2u);
  }
  EXPECT_EQ(board.load_of(engine_at("a")).in_flight, 0u);
}

TEST(EngineBoard, AnEngineThatStaysInTheWorldKeepsItsState) {
  EngineBoard board;
  board.set_engines({engine_at("a")});
  board.probe_succeeded("a");
  EngineBoard::Lease lease(board, "a", nullptr);
  board.set_engines({engine_at("a"), engine_at("b")});
  EXPECT_TRUE(board.load_of(engine_at("a")).healthy);
  EXPECT_EQ(board.load_of(engine_at("a")).in_flight, 1u);
  board.set_engines({engine_at("b")});
  EXPECT_FALSE(board.load_of(engine_at("a")).healthy);
}

}  // namespace
}  // namespace portolan::gateway
