#include "control/gateway_api.h"

#include <fmt/format.h>

#include <array>

#include "control/json_body.h"
#include "seal/identity.h"
#include "world/poll.h"
#include "world/time_text.h"

namespace portolan::control {
namespace {

constexpr std::string_view renewal_path = "/join/v1/renew";
constexpr std::size_t slice_bytes = 256 * 1024;  // of an answer, written at once

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
  auto renewed = co_await answer_renewal(exchange);
  co_return renewed;
}

runtime::Task<Result<world::PollAnswer>> GatewayApi::answer_poll(http::Exchange& exchange) {
  // Strangers are turned away before their body is read.
  const auto uri = exchange.peer_identity();
  CO_TRY(const auto peer, seal::parse_identity(uri));
  CO_TRY(const auto body, co_await exchange.read_body(world::poll_request_bytes_max.count()));
  CO_TRY(auto request, world::decode_poll_request(body));
  CO_TRY_DO(check_peer(peer, request));
  auto polled = co_await control_.poll(std::move(request));
  co_return polled;
}

// A large answer goes out from where its documents are, of which all gateways are sent the
// same; between two slices of it others are answered.
runtime::Task<Status> GatewayApi::send_answer(http::Exchange& exchange, world::PollAnswer answer) {
  http::OwnedFields fields{{"content-type", "application/octet-stream"},
                           {"cache-control", "no-store"}};
  std::size_t bytes = 0;
  for (const auto& document : answer.documents) bytes += document.bytes.size();
  if (bytes <= slice_bytes) {
    auto body = world::encode_poll_answer(answer);
    const auto sent = co_await exchange.respond(200, std::move(fields), std::move(body));
    co_return sent;
  }
  CO_TRY_DO(co_await exchange.begin(200, std::move(fields)));
  auto line = world::encode_poll_line(answer);
  CO_TRY_DO(co_await exchange.send(std::move(line)));
  for (const auto& document : answer.documents) {
    for (auto left = document.bytes.view(); !left.empty();) {
      const std::array slice{left.substr(0, slice_bytes)};
      CO_TRY_DO(co_await exchange.send_pieces(slice));
      left.remove_prefix(slice[0].size());
    }
  }
  const auto finished = co_await exchange.finish();
  co_return finished;
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

runtime::Task<void> GatewayApi::handle_poll(http::Exchange& exchange) {
  auto polled = co_await answer_poll(exchange);
  // Who left before the answer asks again.
  if (polled) {
    (void)co_await send_answer(exchange, std::move(*polled));
  } else {
    auto refused = fault_reply(polled.error(), ids_.next());
    (void)co_await send_reply(exchange, std::move(refused));
  }
}

runtime::Task<void> GatewayApi::handle(http::Exchange& exchange) {
  const auto& head = exchange.head();
  if (head.path == world::poll_path && head.method == "POST") {
    co_await handle_poll(exchange);
    co_return;
  }
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
