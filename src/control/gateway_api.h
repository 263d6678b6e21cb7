#pragma once

#include <string>

#include "control/control.h"
#include "control/joining.h"
#include "control/reply.h"
#include "http/server.h"
#include "seal/identity.h"

namespace portolan::control {

// What gateways talk to, over mutual TLS: world::poll_path; and where every machine
// that joined has its certificate renewed. A peer is who its certificate says it is.
//
// Lives on: control's shard.  Owner: the process's root task.
class GatewayApi final : public http::Handler {
 public:
  GatewayApi(runtime::Shard& shard, Control& control, Joining& joining)
      : control_(control), joining_(joining), ids_(shard, "ctl") {}

  runtime::Task<void> handle(http::Exchange& exchange) override;
  http::OwnedFields render_fault(const Fault& fault, std::string& body) override;

 private:
  runtime::Task<Result<Reply>> reply_to(http::Exchange& exchange);
  runtime::Task<void> handle_poll(http::Exchange& exchange);
  runtime::Task<Result<world::PollAnswer>> answer_poll(http::Exchange& exchange);
  static runtime::Task<Status> send_answer(http::Exchange& exchange, world::PollAnswer answer);
  runtime::Task<Result<Reply>> answer_renewal(http::Exchange& exchange);
  Status check_peer(const seal::Identity& peer, const world::PollRequest& request) const;

  Control& control_;
  Joining& joining_;
  http::RequestIds ids_;
};

}  // namespace portolan::control
