#pragma once

#include "gateway/gateway.h"
#include "gateway/inspect_turns.h"
#include "http/server.h"

namespace portolan::gateway {

// Serves other gateways over mutual TLS: executes what they forward, one hop
// deep, and tells them whether this zone can serve. A control has it look around.
//
// Lives on: the gateway's shard.  Owner: the Gateway.
class HopServer final : public http::Handler {
 public:
  explicit HopServer(Gateway& gateway) : gateway_(gateway) {}

  runtime::Task<void> handle(http::Exchange& exchange) override;
  http::OwnedFields render_fault(const Fault& fault, std::string& body) override;

 private:
  runtime::Task<void> execute_hop(http::Exchange& exchange);
  runtime::Task<void> give_receipt(http::Exchange& exchange);

  Gateway& gateway_;
  InspectTurns inspect_turns_;
};

}  // namespace portolan::gateway
