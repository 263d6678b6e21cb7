#pragma once

#include "gateway/gateway.h"
#include "http/server.h"

namespace portolan::gateway {

// What clients reach: finds who serves a path, and answers for operations.
//
// Lives on: the gateway's shard.  Owner: run_gateway's frame.
class FrontDoor final : public http::Handler {
 public:
  explicit FrontDoor(Gateway& gateway) : gateway_(gateway) {}

  runtime::Task<void> handle(http::Exchange& exchange) override;
  http::OwnedFields render_fault(const Fault& fault, std::string& body) override;

 private:
  runtime::Task<void> serve_operations(http::Exchange& exchange);
  runtime::Task<void> refuse_path(http::Exchange& exchange, Fault fault, std::string allow);

  Gateway& gateway_;
};

}  // namespace portolan::gateway
