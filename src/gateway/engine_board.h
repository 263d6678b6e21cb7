#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/resources.h"
#include "policy/choose_replica.h"
#include "runtime/cancel.h"

namespace portolan::gateway {

// One engine process of this zone, as requests and probes have found it.
//
// Lives on: the gateway's shard.  Owner: the EngineBoard; referred to by URL.
struct EngineState {
  model::Engine engine;
  bool healthy = false;  // until the first probe
  std::uint32_t in_flight = 0;
  std::uint32_t probe_failures = 0;
};

// Health and load of the engines of this gateway's zone, one entry a URL
// whatever the number of its deployments.
//
// Invariants: `in_flight` counts the leases alive. An engine that is found hung
// or dead has its executions cancelled with engine_failed at once.
class EngineBoard {
 public:
  // One execution on one engine: counted in flight while it lives, and run under
  // scope(), which ends when the engine is lost.
  class Lease {
   public:
    Lease(EngineBoard& board, const std::string& url, runtime::CancelScope* outer);
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease();
    runtime::CancelScope& scope() { return scope_; }
    // The engine was lost while it lived.
    bool engine_lost() const { return lost_; }

   private:
    friend class EngineBoard;
    EngineBoard& board_;
    std::string url_;
    runtime::CancelScope scope_;
    bool lost_ = false;
    Lease* next_ = nullptr;
  };

  // The engines that there are now; the state of those that stay is kept.
  void set_engines(const std::vector<model::Engine>& engines);

  policy::ReplicaLoad load_of(const model::Engine& engine) const;
  void probe_succeeded(const std::string& url);
  // After probe_failures_max in a row the engine is hung.
  void probe_failed(const std::string& url);
  // It refused or reset a connection: out until a probe succeeds.
  void connection_failed(const std::string& url);

  bool any_healthy() const;
  const std::map<std::string, EngineState>& engines() const { return engines_; }

 private:
  void lose(const std::string& url);

  std::map<std::string, EngineState> engines_;
  Lease* leases_ = nullptr;
};

}  // namespace portolan::gateway
