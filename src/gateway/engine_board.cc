#include "gateway/engine_board.h"

#include "base/limits.h"

namespace portolan::gateway {

EngineBoard::Lease::Lease(EngineBoard& board, const std::string& url, runtime::CancelScope* outer)
    : board_(board), url_(url), scope_(outer), next_(board.leases_) {
  board_.leases_ = this;
  if (const auto found = board_.engines_.find(url_); found != board_.engines_.end()) {
    ++found->second.in_flight;
  }
}

EngineBoard::Lease::~Lease() {
  Lease** link = &board_.leases_;
  while (*link != this) link = &(*link)->next_;
  *link = next_;
  const auto found = board_.engines_.find(url_);
  if (found != board_.engines_.end() && found->second.in_flight > 0) --found->second.in_flight;
}

void EngineBoard::set_engines(const std::vector<model::Engine>& engines) {
  std::map<std::string, EngineState> next;
  for (const model::Engine& engine : engines) {
    const auto known = engines_.find(engine.url);
    EngineState state = known != engines_.end() ? known->second : EngineState{};
    state.engine = engine;
    next.insert_or_assign(engine.url, std::move(state));
  }
  engines_ = std::move(next);
}

policy::ReplicaLoad EngineBoard::load_of(const model::Engine& engine) const {
  const auto found = engines_.find(engine.url);
  if (found == engines_.end()) return {.slots = engine.slots, .healthy = false};
  return {.in_flight = found->second.in_flight,
          .slots = engine.slots,
          .healthy = found->second.healthy};
}

void EngineBoard::probe_succeeded(const std::string& url) {
  const auto found = engines_.find(url);
  if (found == engines_.end()) return;
  found->second.healthy = true;
  found->second.probe_failures = 0;
}

void EngineBoard::probe_failed(const std::string& url) {
  const auto found = engines_.find(url);
  if (found == engines_.end()) return;
  ++found->second.probe_failures;
  if (found->second.probe_failures >= limits::probe_failures_max.value) lose(url);
}

void EngineBoard::connection_failed(const std::string& url) {
  const auto found = engines_.find(url);
  if (found != engines_.end()) found->second.healthy = false;
}

void EngineBoard::lose(const std::string& url) {
  engines_.at(url).healthy = false;
  for (Lease* lease = leases_; lease != nullptr; lease = lease->next_) {
    if (lease->url_ != url) continue;
    lease->lost_ = true;
    lease->scope_.cancel(Code::engine_failed);
  }
}

bool EngineBoard::any_healthy() const {
  for (const auto& [url, state] : engines_) {
    if (state.healthy) return true;
  }
  return false;
}

}  // namespace portolan::gateway
