#include "gateway/inspect_turns.h"

#include <utility>

#include "runtime/wait.h"

namespace portolan::gateway {
namespace {

// Nobody tells when an engine's load changes; this is looked at again.
constexpr Duration look_again = Duration::milliseconds(20);

bool has_room(const policy::ReplicaLoad& load) {
  return load.in_flight == 0 || load.in_flight + 1 < load.slots;
}

}  // namespace

InspectTurns::Turn::Turn(InspectTurns& turns, std::string url)
    : turns_(&turns), url_(std::move(url)) {
  turns_->taken_.insert(url_);
}

InspectTurns::Turn::Turn(Turn&& other) noexcept
    : turns_(std::exchange(other.turns_, nullptr)), url_(std::move(other.url_)) {}

InspectTurns::Turn::~Turn() {
  if (turns_ != nullptr) turns_->taken_.erase(url_);
}

runtime::Task<Result<InspectTurns::Turn>> InspectTurns::take(runtime::Shard& shard, std::string url,
                                                             Instant deadline) {
  while (taken_.contains(url)) {
    if (shard.now() >= deadline) {
      co_return Fault{Code::deadline_exceeded, Retry::later,
                      "another inspection held this engine until the time was up"};
    }
    CO_TRY_DO(co_await runtime::sleep_for(shard, look_again));
  }
  co_return Turn(*this, std::move(url));
}

runtime::Task<Status> await_room(runtime::Shard& shard, EngineBoard& board, model::Engine engine,
                                 Instant deadline) {
  for (;;) {
    const policy::ReplicaLoad load = board.load_of(engine);
    if (!load.healthy) {
      co_return Fault{Code::unreachable, Retry::later, "the gateway's probes find it down"};
    }
    if (has_room(load)) co_return Status();
    if (shard.now() >= deadline) {
      co_return Fault{Code::overloaded, Retry::later,
                      "requests took its slots until the time was up"};
    }
    CO_TRY_DO(co_await runtime::sleep_for(shard, look_again));
  }
}

}  // namespace portolan::gateway
