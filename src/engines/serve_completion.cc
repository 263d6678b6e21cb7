#include "engines/serve_completion.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engines/garbling_listener.h"
#include "engines/sim_request.h"
#include "engines/sim_run.h"
#include "runtime/wait.h"

namespace portolan::engines {
namespace {

constexpr std::string_view id_field = "portolan-request-id";

Duration times(Duration span, double factor) {
  return {static_cast<std::int64_t>(static_cast<double>(span.ns) * factor)};
}

std::string make_id(Random& random) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string id = "chatcmpl-";
  for (int i = 0; i < 32; ++i) id += digits[random.below(digits.size())];
  return id;
}

// What of the answer is settled before its first token: all but time.
void plan_run(SimState& sim, SimRun& run) {
  const SimOptions& options = sim.options;
  const std::size_t prompt = run.request.prompt.size();
  run.prompt_hash = hash_of(run.request.prompt);
  const std::size_t natural = answer_length(sim.seed(), run.prompt_hash);
  const std::size_t wanted = std::max<std::size_t>(run.request.tokens_max.value_or(natural), 1);
  run.length = std::min(wanted, sim.context() - prompt);
  run.reason = run.request.tokens_max || run.length < wanted ? "length" : "stop";
  run.identity = {make_id(sim.shard.random()), options.model, sim.shard.wall_now().unix_seconds(),
                  run.request.chat};
  const double factor =
      run.fault && run.fault->kind == FaultOrder::Kind::slow ? run.fault->factor : 1.0;
  run.progress.prompt = prompt;
  run.progress.cached = sim.cache.find(run.request.prompt);
  const auto computed = static_cast<std::int64_t>(prompt - run.progress.cached);
  run.progress.prefill = times(options.ttft + options.ttft_per_token * computed, factor);
  run.tpot = times(options.tpot, factor);
}

void note_prefill(SimState& sim, SimRun& run) {
  run.execution.prefill(run.progress.prompt, run.progress.cached);
  sim.totals.prompt_tokens += run.progress.prompt - run.progress.cached;
  sim.totals.cached_tokens += run.progress.cached;
  sim.totals.prefill = sim.totals.prefill + run.progress.prefill;
  sim.cache.keep(run.request.prompt);
}

// In a slot, which is held until the answer has ended.
runtime::Task<void> run_in_slot(SimState& sim, SimRun& run) {
  auto lease = co_await sim.slots.acquire();
  if (!lease) {
    if (lease.error().code != Code::overloaded) co_return;
    SimError error = unavailable(lease.error().message);
    run.execution.refuse();
    const auto told = co_await respond_error(run.exchange, error);
    (void)told;  // a client that has left needs no answer
    co_return;
  }
  plan_run(sim, run);
  run.first_token_at = sim.shard.now() + run.progress.prefill;
  const auto waited = co_await runtime::sleep_until(sim.shard, run.first_token_at);
  if (!waited) co_return;
  note_prefill(sim, run);
  Status answered;
  if (run.request.stream) {
    answered = co_await stream_answer(sim, run);
  } else {
    answered = co_await give_answer(sim, run);
  }
  if (answered) run.execution.complete();
}

// Faults that need no look at the request. True: it was one.
runtime::Task<bool> fail_at_once(SimState& sim, SimRun& run) {
  if (!run.fault) co_return false;
  const FaultOrder& order = *run.fault;
  if (order.kind == FaultOrder::Kind::hang) {
    const auto waited = co_await runtime::sleep_until(sim.shard, Instant::never());
    (void)waited;  // the client has left
    co_return true;
  }
  if (order.kind == FaultOrder::Kind::status) {
    SimError error = ordered_status(order.status);
    run.execution.refuse();
    const auto told = co_await respond_error(run.exchange, error);
    (void)told;  // a client that has left needs no answer
    co_return true;
  }
  if (order.kind == FaultOrder::Kind::reset_after && order.tokens == 0) {
    run.exchange.break_off();
    co_return true;
  }
  if (order.kind == FaultOrder::Kind::malformed && order.malformed == FaultOrder::Malformed::head) {
    http::OwnedFields fields{{std::string(garble_field), "head"}};
    const auto told = co_await run.exchange.respond(200, fields, "{}");
    (void)told;  // a client that has left needs no answer
    co_return true;
  }
  co_return false;
}

std::expected<SimRequest, SimError> read_request(const SimState& sim, std::string_view body,
                                                 bool chat) {
  auto request = parse_sim_request(body, chat, sim.traits);
  if (request && request->prompt.size() >= sim.context()) {
    return std::unexpected(context_exceeded(request->prompt.size(), sim.context()));
  }
  return request;
}

}  // namespace

http::OwnedFields json_fields() {
  return {{"content-type", "application/json; charset=utf-8"}, {"server", "engine-sim"}};
}

runtime::Task<Status> respond_error(http::Exchange& exchange, SimError error) {
  http::OwnedFields fields = json_fields();
  std::string body = render_error(error);
  auto told = co_await exchange.respond(error.status, std::move(fields), std::move(body));
  co_return told;
}

runtime::Task<void> serve_completion(SimState& sim, http::Exchange& exchange, std::string body,
                                     bool chat) {
  const auto id = exchange.head().fields.find(id_field);
  Execution execution(sim.executions, std::string(id.value_or("")));
  SimRun run(exchange, execution);
  run.fault = sim.faults.take_for_execution(sim.shard.random());
  const bool failed = co_await fail_at_once(sim, run);
  if (failed) co_return;
  auto request = read_request(sim, body, chat);
  if (!request) {
    execution.refuse();
    const auto told = co_await respond_error(exchange, request.error());
    (void)told;  // a client that has left needs no answer
    co_return;
  }
  run.request = std::move(*request);
  run.traits = sim.traits;
  co_await run_in_slot(sim, run);
}

}  // namespace portolan::engines
