#include "gateway/front_door.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "dialect/engine_kind.h"
#include "dialect/openai_error.h"
#include "gateway/metrics_text.h"
#include "gateway/readiness.h"
#include "gateway/receipts.h"
#include "gateway/record.h"
#include "gateway/refusal.h"
#include "gateway/serve.h"
#include "wire/access_line.h"
#include "wire/url.h"

namespace portolan::gateway {
namespace {

constexpr std::string_view models_path = "/v1/models";
constexpr std::string_view receipts_path = "/v1/receipts/";

bool is_operations(std::string_view path, bool shows_metrics) {
  return path == "/healthz" || path == "/readyz" || (shows_metrics && path == "/metrics");
}

// The name behind /v1/models/, decoded; empty for the list; nothing for another path.
std::optional<std::string> model_asked_for(std::string_view path) {
  if (path == models_path) return std::string();
  if (!path.starts_with(models_path) || !path.substr(models_path.size()).starts_with('/')) {
    return std::nullopt;
  }
  const std::string_view name = path.substr(models_path.size() + 1);
  if (name.empty()) return std::nullopt;
  return wire::decode_percent(name);
}

Fault wrong_method(std::string_view method, std::string_view path, std::string_view allow) {
  return {Code::method_not_allowed, Retry::never,
          fmt::format("{} does not take {}; use {}.", path, method, allow)};
}

}  // namespace

runtime::Task<void> FrontDoor::handle(http::Exchange& exchange) {
  const wire::RequestHead& head = exchange.head();
  if (is_operations(head.path, shows_metrics_)) {
    co_await serve_operations(exchange);
    co_return;
  }
  if (const auto endpoint = dialect::endpoint_at(head.path)) {
    if (head.method != "POST") {
      co_await refuse_path(exchange, wrong_method(head.method, head.path, "POST"), "POST");
      co_return;
    }
    co_await serve(gateway_, exchange, *endpoint);
    co_return;
  }
  if (auto name = model_asked_for(head.path)) {
    if (head.method != "GET" && head.method != "HEAD") {
      co_await refuse_path(exchange, wrong_method(head.method, head.path, "GET"), "GET, HEAD");
      co_return;
    }
    co_await serve_models(gateway_, exchange, std::move(*name));
    co_return;
  }
  if (head.path.starts_with(receipts_path) && head.path.size() > receipts_path.size()) {
    if (head.method != "GET") {
      co_await refuse_path(exchange, wrong_method(head.method, head.path, "GET"), "GET");
      co_return;
    }
    co_await serve_receipt(gateway_, exchange, std::string(head.path.substr(receipts_path.size())));
    co_return;
  }
  Fault fault{Code::path_not_found, Retry::never,
              "Nothing is served at this path. Portolan serves /v1/chat/completions, "
              "/v1/completions, /v1/models and /v1/receipts/ID; a client's base URL ends in /v1."};
  co_await refuse_path(exchange, std::move(fault), "");
}

runtime::Task<void> FrontDoor::refuse_path(http::Exchange& exchange, Fault fault,
                                           std::string allow) {
  Record record(gateway_, exchange);
  co_await refuse(exchange, record, std::move(fault), "", std::move(allow));
}

runtime::Task<void> FrontDoor::serve_operations(http::Exchange& exchange) {
  const std::string_view path = exchange.head().path;
  int status = 200;
  std::string body = "ok\n";
  std::string type = "text/plain; charset=utf-8";
  if (path == "/metrics") {
    body = render_metrics(gateway_);
    type = "text/plain; version=0.0.4; charset=utf-8";
  } else if (path == "/readyz") {
    const Readiness readiness = co_await ask_readiness(gateway_);
    status = readiness.ready ? 200 : 503;
    body = readiness.reason + "\n";
  }
  http::OwnedFields fields = {{"content-type", std::move(type)}};
  const Status sent = co_await exchange.respond(status, std::move(fields), std::move(body));
  if (!sent) exchange.break_off();
}

// Bytes that are no request are counted and logged as one.
http::OwnedFields FrontDoor::render_fault(const Fault& fault, std::string& body) {
  dialect::ErrorContext context;
  context.request_id = gateway_.next_request_id();
  dialect::ErrorAnswer answer = dialect::render_error(fault, context);
  body = std::move(answer.body);
  Metrics& metrics = gateway_.metrics();
  ++metrics.requests;
  ++metrics.answers[answer.status];
  ++metrics.faults[fault.code];
  wire::AccessLine line;
  line.time = gateway_.shard().wall_now();
  line.request_id = context.request_id;
  const std::string region = gateway_.region();
  line.entry_region = region;
  line.entry_zone = gateway_.options().zone;
  line.entry_gateway = gateway_.options().id;
  line.status = answer.status;
  line.code = name_of(fault.code);
  std::string text;
  wire::render_access_line(text, line);
  gateway_.access_log().add(text);
  http::OwnedFields fields;
  for (auto& [name, value] : answer.fields) fields.push_back({std::move(name), std::move(value)});
  return fields;
}

}  // namespace portolan::gateway
