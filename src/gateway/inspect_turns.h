#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "base/time.h"
#include "gateway/engine_board.h"
#include "runtime/shard.h"
#include "runtime/task.h"

namespace portolan::gateway {

// Which engines are being inspected. An engine is asked by one inspection at a time, and given work
// only while it has room for it beside its requests.
//
// Lives on: the gateway's shard.  Owner: the HopServer.
class InspectTurns {
 public:
  // One engine, for one inspection alone, while it lives.
  class Turn {
   public:
    Turn(InspectTurns& turns, std::string url);
    Turn(Turn&& other) noexcept;
    Turn& operator=(Turn&&) = delete;
    ~Turn();

   private:
    InspectTurns* turns_;
    std::string url_;
  };

  // Errors: deadline_exceeded, cancelled.
  runtime::Task<Result<Turn>> take(runtime::Shard& shard, std::string url, Instant deadline);

  std::size_t inspections = 0;  // that go on

 private:
  std::set<std::string> taken_;
};

// Waits until the engine has a slot that no request is likely to miss: one of several that are
// free, or its only one. Errors: overloaded when it has none by then, unreachable when it is down,
// cancelled.
runtime::Task<Status> await_room(runtime::Shard& shard, EngineBoard& board, model::Engine engine,
                                 Instant deadline);

}  // namespace portolan::gateway
