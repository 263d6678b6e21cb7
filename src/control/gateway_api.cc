#include "control/gateway_api.h"

#include <fmt/format.h>

#include "control/json_body.h"
#include "seal/identity.h"
#include "world/poll.h"
#include "world/time_text.h"

namespace portolan::control {
namespace {

constexpr std::string_view renewal_path = "/join/v1/renew";

}  // namespace

Status GatewayApi::check_peer(const seal::Identity& peer, const world::PollRequest& request) const {
  const bool same = peer.kind == seal::Identity::Kind::gateway &&
                    peer.network == control_.state().numbers.network && peer.zone == request.zone &&
                    peer.id == request.gateway;
  if (same) return {};
  return Fault{Code::untrusted_peer, Retry::never,
               fmt::format("The poll is of gateway '{}' in zone '{}' of network '{}', but the "
                           "certificate is {}.",
                           request.gateway, request.zone, control_.state().numbers.network,
                           seal::render_identity(peer))};
}

runtime::Task<Result<Reply>> GatewayApi::reply_to(http::Exchange& exchange) {
  const auto& head = exchange.head();
  const bool renewal = head.path == renewal_path;
  if (!renewal && head.path != world::poll_path) {
    co_return Fault{Code::path_not_found, Retry::never,
                    fmt::format("Gateways are answered at {} alone, and machines that renew their "
                                "certificates at {}.",
                                world::poll_path, renewal_path)};
  }
  if (head.method != "POST") {
    auto reply =
        fault_reply({Code::method_not_allowed, Retry::never, "Polls and renewals are posted."}, "");
    reply.allow = "POST";
    co_return reply;
  }
  if (renewal) {
    auto renewed = co_await answer_renewal(exchange);
    co_return renewed;
  }
  auto polled = co_await answer_poll(exchange);
  co_return polled;
}

runtime::Task<Result<Reply>> GatewayApi::answer_poll(http::Exchange& exchange) {
  // Strangers are turned away before their body is read.
  const auto uri = exchange.peer_identity();
  CO_TRY(const auto peer, seal::parse_identity(uri));
  CO_TRY(const auto body, co_await exchange.read_body(world::poll_request_bytes_max.count()));
  CO_TRY(auto request, world::decode_poll_request(body));
  CO_TRY_DO(check_peer(peer, request));
  CO_TRY(const auto answer, co_await control_.poll(std::move(request)));
  Reply reply;
  reply.body = world::encode_poll_answer(answer);
  reply.content_type = "application/octet-stream";
  co_return reply;
}

runtime::Task<Result<Reply>> GatewayApi::answer_renewal(http::Exchange& exchange) {
  auto uri = exchange.peer_identity();
  CO_TRY(const auto body, co_await exchange.read_body(join_request_bytes_max.count()));
  CO_TRY(const auto wish, parse_body(body, {"request"}));
  CO_TRY(auto request, required_text(wish, "request"));
  Actor by;
  CO_TRY(const auto renewed,
         co_await joining_.renew(std::move(uri), std::move(request), std::move(by)));
  auto json = wire::Json::object();
  json.set("certificate", renewed.certificate);
  json.set("ends", world::render_date(renewed.machine.ends));
  co_return json_reply(json);
}

runtime::Task<void> GatewayApi::handle(http::Exchange& exchange) {
  auto reply = co_await reply_to(exchange);
  auto sent = reply ? std::move(*reply) : fault_reply(reply.error(), ids_.next());
  // Who left before the answer asks again.
  (void)co_await send_reply(exchange, std::move(sent));
}

http::OwnedFields GatewayApi::render_fault(const Fault& fault, std::string& body) {
  auto reply = fault_reply(fault, ids_.next());
  body = std::move(reply.body);
  return {{"content-type", std::move(reply.content_type)}};
}

}  // namespace portolan::control
