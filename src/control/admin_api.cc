#include "control/admin_api.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "control/admin_route.h"
#include "wire/url.h"
#include "world/document.h"

namespace portolan::control {
namespace {

using Serve = runtime::Task<Result<Reply>> (AdminApi::*)(AdminCall);

constexpr std::string_view admin_prefix = "/admin/v1/";

constexpr auto routes = std::to_array<AdminRoute<Serve>>({
    {"POST", "/admin/v1/apply", &AdminApi::apply},
    {"GET", "/admin/v1/resources/{}", &AdminApi::list_resources},
    {"GET", "/admin/v1/resources/{}/{}", &AdminApi::get_resource},
    {"DELETE", "/admin/v1/resources/{}/{}", &AdminApi::delete_resource},
    {"GET", "/admin/v1/worlds", &AdminApi::list_worlds},
    {"GET", "/admin/v1/worlds/current", &AdminApi::get_current_world},
    {"GET", "/admin/v1/gateways", &AdminApi::list_gateways},
    {"GET", "/admin/v1/parity", &AdminApi::get_parity},
    {"GET", "/admin/v1/parity/history", &AdminApi::get_parity_history},
    {"GET", "/admin/v1/products", &AdminApi::get_products},
    {"GET", "/admin/v1/catalogue/{}", &AdminApi::get_catalogue},
    {"GET", "/admin/v1/keys", &AdminApi::list_keys},
    {"POST", "/admin/v1/keys", &AdminApi::create_key},
    {"DELETE", "/admin/v1/keys/{}", &AdminApi::revoke_key},
    {"GET", "/admin/v1/restrictions", &AdminApi::list_restrictions},
    {"POST", "/admin/v1/restrictions", &AdminApi::add_restriction},
    {"DELETE", "/admin/v1/restrictions/{}/{}", &AdminApi::lift_restriction},
    {"POST", "/admin/v1/zones/{}/rotate-key", &AdminApi::rotate_zone_key},
    {"GET", "/admin/v1/tokens", &AdminApi::list_tokens},
    {"POST", "/admin/v1/tokens", &AdminApi::create_token},
    {"DELETE", "/admin/v1/tokens/{}", &AdminApi::revoke_token},
    {"GET", "/admin/v1/machines", &AdminApi::list_machines},
    {"DELETE", "/admin/v1/machines/{}", &AdminApi::revoke_machine},
    {"POST", "/join/v1/certificate", &AdminApi::join},
    {"GET", "/admin/v1/audit", &AdminApi::list_audit},
    {"GET", "/admin/v1/backup", &AdminApi::get_backup},
    {"GET", "/admin/v1/restore", &AdminApi::get_restore},
    {"POST", "/admin/v1/restore/finish", &AdminApi::finish_restore},
    {"GET", "/admin/v1/rollout", &AdminApi::get_rollout},
    {"POST", "/admin/v1/rollout/pause", &AdminApi::pause_rollout},
    {"POST", "/admin/v1/rollout/resume", &AdminApi::resume_rollout},
    {"POST", "/admin/v1/rollout/rollback", &AdminApi::roll_back},
    {"GET", "/admin/v1/golden", &AdminApi::get_golden},
    {"POST", "/admin/v1/golden/run", &AdminApi::run_golden},
    {"POST", "/admin/v1/openings", &AdminApi::open_place},
    {"GET", "/admin/v1/openings", &AdminApi::list_openings},
    {"GET", "/admin/v1/openings/{}", &AdminApi::get_opening},
    {"POST", "/admin/v1/openings/{}/stop", &AdminApi::stop_opening},
    {"POST", "/admin/v1/openings/{}/resume", &AdminApi::resume_opening},
    {"POST", "/admin/v1/openings/{}/drain", &AdminApi::drain_opening},
    {"POST", "/admin/v1/openings/{}/close", &AdminApi::close_opening},
    {"POST", "/admin/v1/openings/{}/reopen", &AdminApi::reopen_opening},
    {"GET", "/admin/v1/usage", &AdminApi::get_usage},
    {"GET", "/admin/v1/usage/gaps", &AdminApi::get_usage_gaps},
    {"GET", "/admin/v1/usage/conflicts", &AdminApi::get_usage_conflicts},
    {"GET", "/healthz", &AdminApi::healthz},
    {"GET", "/readyz", &AdminApi::readyz},
    {"GET", "/metrics", &AdminApi::metrics},
});

// What a method and a path lead to.
struct Found {
  Serve serve = nullptr;
  std::vector<std::string> names;
  std::vector<std::string_view> allowed;  // methods of the path
};

Found find_route(std::string_view method, std::string_view path) {
  Found found;
  for (const auto& route : routes) {
    auto names = match_path(route.pattern, path);
    if (!names) continue;
    found.allowed.push_back(route.method);
    if (route.method != method) continue;
    found.serve = route.serve;
    found.names = std::move(*names);
  }
  return found;
}

Fault unknown_path(std::string_view path) {
  std::vector<std::string_view> patterns;
  for (const auto& route : routes) patterns.push_back(route.pattern);
  return Fault{Code::path_not_found, Retry::never,
               fmt::format("Nothing is served at '{}'.{}", path, suggest_path(path, patterns))};
}

// Better than no answer: who looks for a fault may have no store just now.
constexpr const char* stale_warning =
    "The store does not answer, so this control shows what it knew last; another control may have "
    "changed something since.";

// Why it is done: a parameter of every change.
Result<std::string> read_reason(std::string_view query) {
  TRY(auto reason, wire::find_parameter(query, "reason"));
  if (!reason) return std::string();
  if (reason->size() <= audit_reason_bytes_max.count()) return std::move(*reason);
  return Fault{Code::invalid_parameter, Retry::never,
               fmt::format("'reason' has {} bytes; {} is {}.", reason->size(),
                           audit_reason_bytes_max.name, audit_reason_bytes_max.value)};
}

// Whether something is meant that would not be done otherwise; the reason says why.
Result<bool> read_meant(std::string_view query, std::string_view name, const std::string& reason) {
  TRY(const auto text, wire::find_parameter(query, name));
  if (!text || *text == "0" || *text == "false") return false;
  if (!reason.empty()) return true;
  return Fault{Code::invalid_parameter, Retry::never,
               fmt::format("'{}' is given without 'reason'; the audit log is to say why.", name)};
}

Reply wrong_method(std::string_view method, const Found& found, std::string_view request_id) {
  auto allow = fmt::format("{}", fmt::join(found.allowed, ", "));
  auto reply = fault_reply({Code::method_not_allowed, Retry::never,
                            fmt::format("'{}' is not taken here; {} is.", method, allow)},
                           request_id);
  reply.allow = std::move(allow);
  return reply;
}

}  // namespace

Status AdminApi::check_admin(const wire::RequestHead& head) const {
  constexpr std::string_view scheme = "Bearer ";
  const auto authorization = head.fields.find("authorization").value_or("");
  const bool bearer = authorization.size() > scheme.size() &&
                      wire::equal_ignoring_case(authorization.substr(0, scheme.size()), scheme);
  const auto shown =
      bearer ? authorization.substr(scheme.size()) : head.fields.find("x-api-key").value_or("");
  if (!shown.empty() && control_.is_admin(shown)) return {};
  return Fault{Code::admin_key_required, Retry::never,
               shown.empty() ? "The request carries no admin key."
                             : "That is not the admin key of this network."};
}

runtime::Task<Result<Reply>> AdminApi::reply_to(http::Exchange& exchange, std::string request_id) {
  const auto& head = exchange.head();
  const bool of_admin = head.path.starts_with(admin_prefix);
  if (of_admin) {
    CO_TRY_DO(check_admin(head));
  }
  auto found = find_route(head.method, head.path);
  if (found.allowed.empty()) co_return unknown_path(head.path);
  if (found.serve == nullptr) co_return wrong_method(head.method, found, request_id);
  AdminCall call;
  call.names = std::move(found.names);
  call.query = head.query;
  call.request_id = request_id;
  CO_TRY(auto reason, read_reason(call.query));
  CO_TRY(const bool break_glass, read_meant(call.query, "break_glass", reason));
  CO_TRY(const bool refusals_meant, read_meant(call.query, "refusals_meant", reason));
  call.by = {control_.admin_id(), request_id, std::move(reason), break_glass, refusals_meant};
  const auto& body_max = of_admin ? world::source_bytes_max : join_request_bytes_max;
  CO_TRY(call.body, co_await exchange.read_body(body_max.count()));
  if (!of_admin) {
    auto unasked = co_await (this->*found.serve)(std::move(call));
    co_return unasked;
  }
  const Status caught_up = co_await control_.catch_up();
  auto reply = co_await (this->*found.serve)(std::move(call));
  if (reply && !caught_up) reply->warning = stale_warning;
  co_return reply;
}

runtime::Task<void> AdminApi::handle(http::Exchange& exchange) {
  auto request_id = ids_.next();
  auto reply = co_await reply_to(exchange, request_id);
  auto sent = reply ? std::move(*reply) : fault_reply(reply.error(), request_id);
  // Who left before the answer has no use for it.
  (void)co_await send_reply(exchange, std::move(sent));
}

http::OwnedFields AdminApi::render_fault(const Fault& fault, std::string& body) {
  auto reply = fault_reply(fault, ids_.next());
  body = std::move(reply.body);
  return {{"content-type", std::move(reply.content_type)}};
}

}  // namespace portolan::control
