#include "meter/meter_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace portolan::meter {
namespace {

using http::Reply;
using Kind = seal::Identity::Kind;
using Serve = runtime::Task<Result<Reply>> (MeterApi::*)(http::Exchange&, seal::Identity);

struct Route {
  std::string_view method;
  std::string_view path;
  std::optional<Kind> who;  // nothing: every process of this network
  Serve serve;
};
constexpr auto routes = std::to_array<Route>({
    {"POST", wire::usage_post_path, Kind::gateway, &MeterApi::take_records},
    {"GET", wire::usage_query_path, Kind::control, &MeterApi::get_usage},
    {"GET", wire::usage_request_path, Kind::control, &MeterApi::get_request},
    {"GET", wire::usage_gaps_path, Kind::control, &MeterApi::get_gaps},
    {"GET", wire::usage_conflicts_path, Kind::control, &MeterApi::get_conflicts},
    {"PUT", wire::revoked_machines_path, Kind::control, &MeterApi::take_revoked},
    {"GET", "/healthz", std::nullopt, &MeterApi::healthz},
});

Fault not_for(const seal::Identity& peer, const Route& route) {
  return Fault{
      Code::untrusted_peer, Retry::never,
      fmt::format("{} is for a {} of this network, but the certificate is {}.", route.path,
                  route.who == Kind::gateway ? "gateway" : "control", seal::render_identity(peer))};
}

}  // namespace

Result<seal::Identity> MeterApi::peer_of(const http::Exchange& exchange) const {
  TRY(auto peer, seal::parse_identity(exchange.peer_identity()));
  if (peer.network == network_ && !revoked_.contains(peer.id)) return peer;
  if (peer.network == network_) {
    return Fault{Code::untrusted_peer, Retry::never,
                 fmt::format("The machine '{}' was revoked.", peer.id)};
  }
  return Fault{Code::untrusted_peer, Retry::never,
               fmt::format("This meter is of network '{}', but the certificate is {}.", network_,
                           seal::render_identity(peer))};
}

// Strangers are turned away before their body is read.
runtime::Task<Result<Reply>> MeterApi::reply_to(http::Exchange& exchange, std::string request_id) {
  CO_TRY(auto peer, peer_of(exchange));
  const auto& head = exchange.head();
  const auto route = std::ranges::find(routes, head.path, &Route::path);
  if (route == routes.end()) {
    co_return Fault{Code::path_not_found, Retry::never,
                    fmt::format("The meter serves nothing at '{}'.", head.path)};
  }
  if (head.method != route->method) {
    const auto sentence = fmt::format("'{}' is not taken here; {} is.", head.method, route->method);
    auto reply = http::fault_reply({Code::method_not_allowed, Retry::never, sentence}, request_id);
    reply.allow = route->method;
    co_return reply;
  }
  if (route->who && peer.kind != *route->who) co_return not_for(peer, *route);
  const auto serve = route->serve;
  auto reply = co_await (this->*serve)(exchange, std::move(peer));
  co_return reply;
}

runtime::Task<Result<Reply>> MeterApi::take_records(http::Exchange& exchange, seal::Identity peer) {
  CO_TRY(auto body, co_await exchange.read_body(wire::usage_post_bytes_max.count()));
  CO_TRY(const auto taken, co_await meter_.take(std::move(body), std::move(peer)));
  Reply reply;
  wire::render_usage_taken(reply.body, taken);
  co_return reply;
}

runtime::Task<Result<Reply>> MeterApi::get_usage(http::Exchange& exchange, seal::Identity) {
  std::string query(exchange.head().query);
  CO_TRY(const auto json, co_await meter_.usage(std::move(query)));
  co_return http::json_reply(json);
}

runtime::Task<Result<Reply>> MeterApi::get_request(http::Exchange& exchange, seal::Identity) {
  std::string query(exchange.head().query);
  CO_TRY(const auto json, co_await meter_.request(std::move(query)));
  co_return http::json_reply(json);
}

runtime::Task<Result<Reply>> MeterApi::get_gaps(http::Exchange&, seal::Identity) {
  CO_TRY(const auto json, co_await meter_.gaps());
  co_return http::json_reply(json);
}

runtime::Task<Result<Reply>> MeterApi::get_conflicts(http::Exchange&, seal::Identity) {
  CO_TRY(const auto json, co_await meter_.conflicts());
  co_return http::json_reply(json);
}

runtime::Task<Result<Reply>> MeterApi::take_revoked(http::Exchange& exchange, seal::Identity) {
  CO_TRY(const auto body, co_await exchange.read_body(revoked_machines_bytes_max.count()));
  CO_TRY_DO(revoked_.add(body));
  co_return http::json_reply(wire::Json::object());
}

runtime::Task<Result<Reply>> MeterApi::healthz(http::Exchange&, seal::Identity) {
  co_return Reply{.status = 200, .body = "ok\n", .content_type = "text/plain", .allow = {}};
}

runtime::Task<void> MeterApi::handle(http::Exchange& exchange) {
  auto request_id = ids_.next();
  auto reply = co_await reply_to(exchange, request_id);
  auto sent = reply ? std::move(*reply) : http::fault_reply(reply.error(), request_id);
  // Who left before the answer asks again.
  (void)co_await http::send_reply(exchange, std::move(sent));
}

http::OwnedFields MeterApi::render_fault(const Fault& fault, std::string& body) {
  auto reply = http::fault_reply(fault, ids_.next());
  body = std::move(reply.body);
  return {{"content-type", std::move(reply.content_type)}};
}

}  // namespace portolan::meter
