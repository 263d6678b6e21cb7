#pragma once

#include <expected>
#include <memory>
#include <string>

#include "engines/sim_error.h"
#include "engines/sim_state.h"
#include "http/server.h"
#include "runtime/disk.h"
#include "runtime/network.h"
#include "runtime/task.h"

namespace portolan::engines {

// A simulated engine behind one listener: OpenAI's completions in llama.cpp's
// words, /health, /metrics, what it says of itself, and under /sim what tests order and ask.
//
// Lives on: one shard.  Owner: an EngineSim.
// close() must be awaited before it is destroyed.
class SimEngine final : public http::Handler {
 public:
  // `record`, if any, is told every request, and outlives this.
  SimEngine(runtime::Shard& shard, std::string name, SimOptions options,
            runtime::AppendFile* record);

  void serve(std::unique_ptr<runtime::Listener> listener);
  runtime::Task<void> close() { return server_.close(); }

  const std::string& name() const { return state_.name; }
  const runtime::Address& address() const { return address_; }
  SimState& state() { return state_; }

  runtime::Task<void> handle(http::Exchange& exchange) override;
  http::OwnedFields render_fault(const Fault& fault, std::string& body) override;

 private:
  runtime::Task<void> route(http::Exchange& exchange, std::string body);
  runtime::Task<Status> answer_health(http::Exchange& exchange);
  runtime::Task<Status> answer_props(http::Exchange& exchange,
                                     std::expected<std::string, SimError> said);
  runtime::Task<Status> answer_traits(http::Exchange& exchange, std::string body);
  runtime::Task<Status> answer_faults(http::Exchange& exchange, std::string body);
  void record_request(const http::Exchange& exchange, std::string_view body);

  SimState state_;
  runtime::AppendFile* record_;
  runtime::Address address_;
  http::Server server_;
};

}  // namespace portolan::engines
