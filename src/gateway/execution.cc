#include "gateway/execution.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "dialect/client_headers.h"
#include "dialect/engine_body.h"
#include "gateway/engine_answer.h"
#include "gateway/gateway.h"
#include "gateway/receipt_facts.h"
#include "gateway/receipt_sink.h"
#include "gateway/request_head.h"
#include "gateway/usage_log.h"
#include "gateway/zone_key.h"
#include "policy/may_execute.h"
#include "runtime/combine.h"

namespace portolan::gateway {
namespace {

Fault full_fault(const std::string& zone) {
  return {Code::overloaded, Retry::elsewhere,
          "zone " + zone + " has no healthy engine with a free slot for this model"};
}

// Replicas of a deployment that this execution has not tried in vain.
const model::Engine* choose_engine(Gateway& gateway, const model::Deployment& deployment,
                                   const std::vector<const model::Engine*>& failed) {
  std::vector<const model::Engine*> candidates;
  std::vector<policy::ReplicaLoad> loads;
  for (const model::Engine& engine : deployment.engines) {
    if (std::ranges::find(failed, &engine) != failed.end()) continue;
    candidates.push_back(&engine);
    loads.push_back(gateway.engines().load_of(engine));
  }
  const auto chosen = policy::choose_replica(loads, gateway.shard().random());
  return chosen ? candidates[*chosen] : nullptr;
}

http::OwnedFields fields_for(const Execution& execution, const model::Engine& engine,
                             const std::string& secret) {
  http::OwnedFields fields;
  for (auto& [name, value] :
       dialect::engine_headers(wire::Fields(), engine, secret, execution.request_id)) {
    fields.push_back({std::move(name), std::move(value)});
  }
  fields.push_back({"content-type", "application/json"});
  if (!execution.traceparent.empty()) {
    fields.push_back({"traceparent", execution.traceparent});
  }
  return fields;
}

// Where an execution runs, and what came of it.
struct Place {
  const model::Engine& engine;
  const model::Model& model;
  const dialect::ReadRequest& request;
  std::optional<WallTime> began;  // once an engine is about to get the body
  wire::UsageCounts counts;
};

wire::UsageExec exec_of(Gateway& gateway, const Execution& execution, const Place& place,
                        const Status& outcome) {
  return {.request_id = execution.request_id,
          .entry_gateway = execution.entry_gateway,
          .entry_zone = execution.entry_zone,
          .workspace = execution.facts.workspace,
          .key_id = execution.facts.key_id,
          .model = place.model.name,
          .model_digest = place.model.digest,
          .engine_kind = place.engine.kind,
          .scope = scope_of(execution.facts),
          .region = gateway.region(),
          .zone = gateway.options().zone,
          .began = *place.began,
          .ended = gateway.shard().wall_now(),
          .outcome = std::string(outcome ? wire::outcome_completed
                                         : name_of(outcome.error().code)),
          .counts = place.counts,
          .versions = gateway.held_versions()};
}

runtime::Task<Status> run_on(Gateway& gateway, Execution& execution, Place& place,
                             http::ClientExchange& connection, AnswerSink& sink) {
  const auto kind = dialect::engine_kind_named(place.engine.kind).value_or(
      dialect::EngineKind::openai);
  const wire::Splice splice =
      dialect::engine_body(execution.body, place.request, kind,
                           dialect::served_name(place.engine, place.model));
  CO_TRY(const std::string secret, gateway.secret_of(place.engine));
  const std::string target =
      dialect::engine_target(place.engine, dialect::path_of(execution.endpoint));
  const http::OwnedFields fields = fields_for(execution, place.engine, secret);
  std::string body = splice.joined();
  CO_TRY_DO(co_await sink.sending());
  place.began = gateway.shard().wall_now();
  ++gateway.metrics().executions;
  CO_TRY_DO(co_await connection.send("POST", target, fields, std::move(body)));
  sink.enter(Phase::sent);
  EngineAnswer answer(gateway.shard(), connection, dialect::answer_terms(place.request, kind),
                      execution.request_id, place.request.facts.stream);
  ReceiptSink digests(sink);
  AnswerSink& through = execution.receipt ? static_cast<AnswerSink&>(digests) : sink;
  const Status relayed = co_await answer.relay(through);
  place.counts = answer.counts();
  if (!relayed || !execution.receipt) co_return relayed;
  auto facts = facts_of(gateway.options(), exec_of(gateway, execution, place, relayed));
  facts.content = digests.digests(execution.body);
  CO_TRY(auto receipt, gateway.zone_key().sign(facts));
  sink.receipt(std::move(receipt));
  co_return Status{};
}

// What the execution cost, whatever ended it.
runtime::Task<void> note_execution(Gateway& gateway, Execution& execution, Place& place,
                                   Status& outcome) {
  if (!place.began) co_return;
  wire::UsageBody exec = exec_of(gateway, execution, place, outcome);
  auto appending = gateway.usage_log().append(std::move(exec));
  const Status noted = co_await runtime::uncancelled(std::move(appending));
  if (!noted) ++gateway.metrics().execs_lost;
}

// One attempt at one engine, ended at once when the engine is found lost.
runtime::Task<Status> try_engine(Gateway& gateway, Execution& execution, Place& place,
                                 http::ClientExchange& connection, AnswerSink& sink) {
  runtime::CancelScope* outer = co_await runtime::CurrentScope{};
  EngineBoard::Lease lease(gateway.engines(), place.engine.url, outer);
  auto work = run_on(gateway, execution, place, connection, sink);
  Status outcome = co_await std::move(work).under(lease.scope());
  if (!outcome && outer->is_cancelled()) {
    outcome = runtime::cancelled_fault(outer->reason());
  } else if (!outcome && lease.engine_lost()) {
    outcome = Fault{Code::engine_failed, Retry::elsewhere,
                    "an engine of zone " + gateway.options().zone + " stopped answering"};
  }
  co_await note_execution(gateway, execution, place, outcome);
  // A connection that broke is no word on the engine's health: a dead one will
  // refuse the next connection, and one that aborted an answer may serve on.
  co_return outcome;
}

}  // namespace

runtime::Task<Status> execute(Gateway& gateway, Execution& execution, AnswerSink& sink) {
  const model::View view = gateway.knowledge().view();
  if (!view.complete()) {
    co_return Fault{Code::no_world, Retry::elsewhere, "this gateway has no World yet"};
  }
  if (execution.receipt) {
    CO_TRY_DO(gateway.zone_key().can_sign());
  }
  CO_TRY(const ZoneIndex here, gateway.here(*view.world));
  const WallTime now = gateway.shard().wall_now();
  CO_TRY(const ModelIndex model, policy::may_execute(view, execution.facts, here, now));
  const model::Deployment* deployment = view.world->deployment(model, here);
  if (deployment == nullptr) co_return full_fault(gateway.options().zone);
  std::string param;
  CO_TRY(const dialect::ReadRequest request,
         dialect::read_request(execution.endpoint, execution.body, param));

  std::vector<const model::Engine*> failed;
  while (const model::Engine* engine = choose_engine(gateway, *deployment, failed)) {
    CO_TRY(http::Pool* pool, gateway.connections().to_engine(*engine));
    const Instant deadline = std::min(
        execution.deadline, gateway.shard().now() + limits::connect_timeout_ms.milliseconds());
    auto connection = co_await pool->borrow(deadline);
    if (connection) {
      Place place{*engine, view.world->model(model), request, {}, {}};
      const Status outcome = co_await try_engine(gateway, execution, place, *connection, sink);
      co_return outcome;
    }
    if (connection.error().code == Code::cancelled) co_return connection.error();
    gateway.engines().connection_failed(engine->url);
    failed.push_back(engine);
  }
  co_return full_fault(gateway.options().zone);
}

}  // namespace portolan::gateway
