#pragma once

#include <string>

#include "control/control.h"
#include "control/reply.h"
#include "http/server.h"
#include "seal/identity.h"

namespace portolan::control {

// What gateways talk to, over mutual TLS: world::poll_path and nothing else. A
// gateway is who its certificate says it is.
//
// Lives on: control's shard.  Owner: the process's root task.
class GatewayApi final : public http::Handler {
 public:
  GatewayApi(runtime::Shard& shard, Control& control) : control_(control), ids_(shard, "ctl") {}

  runtime::Task<void> handle(http::Exchange& exchange) override;
  http::OwnedFields render_fault(const Fault& fault, std::string& body) override;

 private:
  runtime::Task<Result<Reply>> reply_to(http::Exchange& exchange);
  Status check_peer(const seal::Identity& peer, const world::PollRequest& request) const;

  Control& control_;
  http::RequestIds ids_;
};

}  // namespace portolan::control
