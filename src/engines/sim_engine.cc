#include "engines/sim_engine.h"

#include <utility>

#include "engines/garbling_listener.h"
#include "engines/serve_completion.h"
#include "engines/sim_props.h"
#include "engines/sim_record.h"
#include "runtime/wait.h"

namespace portolan::engines {
SimEngine::SimEngine(runtime::Shard& shard, std::string name, SimOptions options,
                     runtime::AppendFile* record)
    : state_(shard, std::move(name), std::move(options)),
      record_(record),
      server_(shard, *this, http::ServerOptions()) {}

void SimEngine::serve(std::unique_ptr<runtime::Listener> listener) {
  address_ = listener->address();
  server_.serve(
      std::make_unique<GarblingListener>(state_.shard, std::move(listener), state_.faults));
}

http::OwnedFields SimEngine::render_fault(const Fault& fault, std::string& body) {
  body = render_error(error_of(fault));
  return json_fields();
}

// Before anything is answered: one that is killed has answered nothing that it has not recorded.
void SimEngine::record_request(const http::Exchange& exchange, std::string_view body) {
  if (record_ == nullptr) return;
  const Status kept = record_->append(render_record(
      {state_.shard.wall_now().unix_milliseconds(), state_.name, exchange.head(), body}));
  if (!kept) state_.shard.report("a request is not recorded: " + kept.error().message);
}

runtime::Task<void> SimEngine::handle(http::Exchange& exchange) {
  auto body = co_await exchange.read_body(limits::body_bytes_max.count());
  if (!body) {
    SimError error = error_of(body.error());
    const auto told = co_await respond_error(exchange, error);
    (void)told;  // a client that has left needs no answer
    co_return;
  }
  record_request(exchange, *body);
  co_await route(exchange, std::move(*body));
}

runtime::Task<void> SimEngine::route(http::Exchange& exchange, std::string body) {
  const std::string_view path = exchange.head().path;
  const std::string_view method = exchange.head().method;
  const bool is_get = method == "GET";
  const bool is_post = method == "POST";
  const bool is_chat = path == "/v1/chat/completions";
  Status told;
  if (is_post && (is_chat || path == "/v1/completions")) {
    co_await serve_completion(state_, exchange, std::move(body), is_chat);
  } else if (is_get && path == "/health") {
    told = co_await answer_health(exchange);
  } else if (is_get && (path == "/v1/models" || path == "/props")) {
    http::OwnedFields fields = json_fields();
    std::string said = path == "/props" ? render_props(state_) : render_models(state_);
    told = co_await exchange.respond(200, std::move(fields), std::move(said));
  } else if (is_post && (path == "/apply-template" || path == "/tokenize")) {
    const bool cuts = path == "/tokenize";
    auto said = cuts ? answer_tokenize(state_, body) : apply_template(state_, body);
    told = co_await answer_props(exchange, std::move(said));
  } else if (is_get && path == "/metrics") {
    http::OwnedFields fields{{"content-type", "text/plain; version=0.0.4"}};
    std::string page = render_metrics(state_);
    told = co_await exchange.respond(200, std::move(fields), std::move(page));
  } else if (is_get && path == "/sim/executions") {
    http::OwnedFields fields = json_fields();
    std::string counts = state_.executions.render();
    told = co_await exchange.respond(200, std::move(fields), std::move(counts));
  } else if (path == "/sim/traits" && (is_post || is_get)) {
    told = co_await answer_traits(exchange, std::move(body));
  } else if (path == "/sim/faults" && (is_post || is_get || method == "DELETE")) {
    told = co_await answer_faults(exchange, std::move(body));
  } else {
    SimError error = not_found();
    told = co_await respond_error(exchange, error);
  }
  (void)told;  // a client that has left needs no answer
}

runtime::Task<Status> SimEngine::answer_health(http::Exchange& exchange) {
  const auto fault = state_.faults.take_for_health(state_.shard.random());
  if (!fault) {
    http::OwnedFields fields = json_fields();
    auto told = co_await exchange.respond(200, std::move(fields), "{\"status\":\"ok\"}");
    co_return told;
  }
  if (fault->health == FaultOrder::Health::hang) {
    auto waited = co_await runtime::sleep_until(state_.shard, Instant::never());
    co_return waited;
  }
  const bool loading = fault->health == FaultOrder::Health::loading;
  SimError error = unavailable(loading ? "Loading model" : "The engine fails on order");
  auto told = co_await respond_error(exchange, error);
  co_return told;
}

runtime::Task<Status> SimEngine::answer_props(http::Exchange& exchange,
                                              std::expected<std::string, SimError> said) {
  if (!said) {
    SimError error = said.error();
    auto refused = co_await respond_error(exchange, error);
    co_return refused;
  }
  http::OwnedFields fields = json_fields();
  auto told = co_await exchange.respond(200, std::move(fields), std::move(*said));
  co_return told;
}

runtime::Task<Status> SimEngine::answer_traits(http::Exchange& exchange, std::string body) {
  std::expected<std::string, SimError> said;
  const auto ordered =
      exchange.head().method == "GET" ? Result<SimTraits>(state_.traits) : parse_sim_traits(body);
  if (ordered) {
    state_.set_up(*ordered);
    said = render_sim_traits(state_.traits);
  } else {
    said = std::unexpected(error_of(ordered.error()));
  }
  auto told = co_await answer_props(exchange, std::move(said));
  co_return told;
}

runtime::Task<Status> SimEngine::answer_faults(http::Exchange& exchange, std::string body) {
  if (exchange.head().method == "DELETE") {
    state_.faults.clear();
  } else if (exchange.head().method == "POST") {
    const auto orders = parse_fault_orders(body);
    if (!orders) {
      SimError error = error_of(orders.error());
      auto refused = co_await respond_error(exchange, error);
      co_return refused;
    }
    for (const FaultOrder& order : *orders) state_.faults.add(order, state_.shard.now());
  }
  http::OwnedFields fields = json_fields();
  std::string taken = state_.faults.render_taken();
  auto told = co_await exchange.respond(200, std::move(fields), std::move(taken));
  co_return told;
}

}  // namespace portolan::engines
