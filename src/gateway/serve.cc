#include "gateway/serve.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "dialect/openai_error.h"
#include "dialect/openai_models.h"
#include "dialect/openai_request.h"
#include "gateway/attempts.h"
#include "gateway/client_answer.h"
#include "gateway/record.h"
#include "gateway/refusal.h"
#include "gateway/request_head.h"
#include "policy/list_models.h"
#include "runtime/combine.h"

namespace portolan::gateway {
namespace {

http::OwnedFields answer_fields(const Admitted& request, ModelIndex model, const Record& record) {
  const model::World& world = *request.view.world;
  return {{"portolan-request-id", record.request_id},
          {"x-request-id", record.request_id},
          {"portolan-scope", record.scope},
          {"portolan-model-digest", world.model(model).digest},
          {"portolan-world", world.hash()}};
}

void name_caller(Record& record, const Admitted& request) {
  const model::Workspace& workspace =
      request.view.keyring->workspace(request.caller.workspace);
  record.org = workspace.org;
  record.workspace = request.caller.workspace_name;
  record.key_id = request.caller.key_id;
  record.durable = workspace.durable == model::Durable::machine;
}

// A receipt is signed when the request asks for one or its workspace always has them.
Status ask_receipt(http::Exchange& exchange, Admitted& request, ClientAnswer& sink) {
  TRY(request.receipt, wants_receipt(exchange));
  if (request.receipt) sink.show_receipt();
  const model::Workspace& workspace = request.view.keyring->workspace(request.caller.workspace);
  request.receipt = request.receipt || workspace.receipts == model::Receipts::every;
  return {};
}

// The request is over; what decided it is kept for trials of the next World.
void note_decision(Gateway& gateway, Admitted& request, const std::string& zone) {
  gateway.knowledge().note({.caller = std::move(request.caller),
                            .scope_header = std::move(request.grant.scope),
                            .facts = std::move(request.facts),
                            .zone = zone});
}

// The life of a request. The view is pinned for it; what may only take
// permission away is read again before every attempt.
runtime::Task<Status> answer(Gateway& gateway, http::Exchange& exchange, Record& record,
                             ClientAnswer& sink, model::Endpoint endpoint, std::string& param) {
  Admitted request;
  request.view = gateway.knowledge().view();
  record.decide_by(request.view);
  const RequestHead head = read_request_head(exchange);
  const WallTime now = gateway.shard().wall_now();
  CO_TRY(request.caller, policy::authenticate(request.view, head.key, now));
  name_caller(record, request);
  CO_TRY(const ZoneIndex here, gateway.here(*request.view.world));
  CO_TRY(request.grant, policy::may_enter(request.view, request.caller, here, head.scope, now));
  record.scope = scope_of(request.view, request.caller, request.grant);
  CO_TRY(request.deadline, deadline_of(exchange, gateway.shard().now()));
  CO_TRY_DO(ask_receipt(exchange, request, sink));
  CO_TRY_DO(check_encoding(exchange));
  CO_TRY(const std::string body, co_await exchange.read_body(limits::body_bytes_max.count()));
  request.body = body;
  CO_TRY(const auto read, dialect::read_request(endpoint, body, param));
  request.facts = read.facts;
  // A name that no World knows is the client's text, and no log's.
  if (const auto named = request.view.world->find_model(read.facts.model)) {
    record.model = request.view.world->model(*named).name;
  }
  record.stream = read.facts.stream;
  CO_TRY(const auto allowed, policy::allowed_zones(request.view, request.caller, request.grant,
                                                   request.facts, now));
  sink.set_fields(answer_fields(request, allowed.model, record));
  CO_TRY_DO(co_await record.open());
  auto attempts = answer_from_a_zone(gateway, request, record, sink);
  const Status answered =
      co_await runtime::until(gateway.shard(), request.deadline, std::move(attempts));
  if (answered) note_decision(gateway, request, record.executor_zone);
  co_return answered;
}

// The end of the record, before the end of the answer, whatever that is. Where
// the request itself was called off, that is why, however it showed below.
runtime::Task<Status> close(Record& record, ClientAnswer& sink, Status outcome) {
  runtime::CancelScope* scope = co_await runtime::CurrentScope{};
  const bool called_off = scope != nullptr && scope->is_cancelled();
  if (called_off) outcome = runtime::cancelled_fault(scope->reason());
  const wire::UsageCounts delivered = record.usage;
  int status = sink.status();
  if (outcome) {
    sink.count_whole();
  } else if (!sink.begun()) {
    status = called_off ? 0 : facts_of(dialect::shown_code(outcome.error().code)).http_status;
  }
  auto closing = record.close(std::move(outcome), status);
  Status closed = co_await runtime::uncancelled(std::move(closing));
  if (!closed) record.usage = delivered;
  co_return closed;
}

runtime::Task<Result<std::string>> models_body(Gateway& gateway, http::Exchange& exchange,
                                               Record& record, std::string& name) {
  const model::View view = gateway.knowledge().view();
  record.decide_by(view);
  const RequestHead head = read_request_head(exchange);
  const WallTime now = gateway.shard().wall_now();
  CO_TRY(const auto caller, policy::authenticate(view, head.key, now));
  record.workspace = caller.workspace_name;
  record.key_id = caller.key_id;
  CO_TRY(const ZoneIndex here, gateway.here(*view.world));
  CO_TRY(const auto grant, policy::may_enter(view, caller, here, head.scope, now));
  record.scope = scope_of(view, caller, grant);
  const std::vector<ModelIndex> models = policy::list_models(view, caller, grant, now);
  if (name.empty()) co_return dialect::render_models(*view.world, models);
  const auto found = view.world->find_model(name);
  if (found && std::ranges::find(models, *found) != models.end()) {
    co_return dialect::render_model(*view.world, *found);
  }
  std::string known;
  for (const ModelIndex model : models) {
    known += (known.empty() ? "" : ", ") + view.world->model(model).name;
  }
  co_return Fault{Code::model_not_found, Retry::never,
                  fmt::format("This key cannot run '{}'. It may use: {}.", name, known)};
}

}  // namespace

runtime::Task<void> serve(Gateway& gateway, http::Exchange& exchange, model::Endpoint endpoint) {
  Record record(gateway, exchange);
  PhaseGauge gauge(gateway.metrics());
  ClientAnswer sink(gateway, exchange, record, gauge);
  std::string param;
  Status outcome = co_await answer(gateway, exchange, record, sink, endpoint, param);
  outcome = co_await close(record, sink, std::move(outcome));
  if (outcome) {
    const Status delivered = co_await sink.finish();
    if (!delivered) exchange.break_off();
  } else if (sink.begun()) {
    co_await sink.fail(outcome.error());
  } else {
    co_await refuse(exchange, record, outcome.error(), param);
  }
}

runtime::Task<void> serve_models(Gateway& gateway, http::Exchange& exchange, std::string name) {
  Record record(gateway, exchange);
  const auto body = co_await models_body(gateway, exchange, record, name);
  if (!body) {
    record.code = body.error().code;
    co_await refuse(exchange, record, body.error(), "");
    co_return;
  }
  http::OwnedFields fields = {{"content-type", "application/json"},
                              {"portolan-request-id", record.request_id},
                              {"x-request-id", record.request_id}};
  const Status sent = co_await exchange.respond(200, std::move(fields), *body);
  if (!sent) record.code = Code::cancelled;
}

}  // namespace portolan::gateway
