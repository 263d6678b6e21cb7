#pragma once

#include "gateway/gateway.h"
#include "http/server.h"

namespace portolan::gateway {

// What clients reach: finds who serves a path, and answers for operations.
//
// Lives on: the gateway's shard.  Owner: run_gateway's frame.
class FrontDoor final : public http::Handler {
 public:
  // `shows_metrics`: also /metrics, which names engines. For the gateway's own
  // address, not for the region's public one.
  FrontDoor(Gateway& gateway, bool shows_metrics)
      : gateway_(gateway), shows_metrics_(shows_metrics) {}

  runtime::Task<void> handle(http::Exchange& exchange) override;
  http::OwnedFields render_fault(const Fault& fault, std::string& body) override;

 private:
  runtime::Task<void> serve_operations(http::Exchange& exchange);
  runtime::Task<void> refuse_path(http::Exchange& exchange, Fault fault, std::string allow);

  Gateway& gateway_;
  bool shows_metrics_;
};

}  // namespace portolan::gateway
