#include "gateway/attempts.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "dialect/openai_error.h"
#include "gateway/execution.h"
#include "gateway/hop_client.h"
#include "policy/choose_zone.h"
#include "policy/may_retry.h"
#include "runtime/wait.h"

namespace portolan::gateway {
namespace {

// A second look at zones that failed, once: what was killed may be back, and
// what was full may have room.
constexpr Duration second_round_after = Duration::milliseconds(250);

// Losses come in groups: what took one engine of a region may be taking its
// others. The last execution waits until that shows, since it cannot be repeated.
constexpr Duration last_execution_after = Duration::milliseconds(200);

// Where the request may be executed at this moment.
Result<model::ZoneMask> mask_now(Gateway& gateway, Admitted& request) {
  const model::View& newest = gateway.knowledge().view();
  const WallTime now = gateway.shard().wall_now();
  request.view.restrictions = newest.restrictions;
  request.view.keyring_confirmed = newest.keyring_confirmed;
  TRY(request.caller, policy::authenticate_again(newest, request.caller, now));
  TRY(const auto allowed,
      policy::allowed_zones(request.view, request.caller, request.grant, request.facts, now));
  return allowed.zones;
}

runtime::Task<Status> execute_here(Gateway& gateway, Admitted& request, Record& record,
                                   ClientAnswer& answer) {
  Execution execution{
      .request_id = record.request_id,
      .entry_gateway = gateway.options().id,
      .entry_zone = gateway.options().zone,
      .traceparent = wire::render_traceparent(record.trace),
      .endpoint = request.facts.endpoint,
      .facts = policy::hop_facts(request.view, request.caller, request.grant, request.facts),
      .receipt = request.receipt,
      .body = request.body,
      .deadline = request.deadline};
  answer.ask(gateway.options().id);
  const Status outcome = co_await execute(gateway, execution, answer);
  co_return outcome;
}

Envelope envelope_for(Gateway& gateway, const Admitted& request, const Record& record) {
  Envelope envelope;
  envelope.request_id = record.request_id;
  envelope.entry_gateway = gateway.options().id;
  envelope.entry_zone = gateway.options().zone;
  envelope.traceparent = wire::render_traceparent(record.trace);
  envelope.endpoint = request.facts.endpoint;
  envelope.facts = policy::hop_facts(request.view, request.caller, request.grant, request.facts);
  envelope.receipt = request.receipt;
  envelope.held = gateway.held_versions();
  envelope.attempt = record.attempts;
  envelope.executions_left =
      static_cast<std::uint32_t>(limits::executions_max.value) - record.executions;
  envelope.time_left = request.deadline - gateway.shard().now();
  return envelope;
}

// One gateway of another zone after the other, until one has taken it.
runtime::Task<Status> execute_there(Gateway& gateway, Admitted& request, ZoneIndex zone,
                                    Record& record, ClientAnswer& answer) {
  std::vector<model::GatewayAddress> addresses = request.view.world->zone(zone).gateways;
  for (std::size_t i = addresses.size(); i > 1; --i) {
    std::swap(addresses[i - 1], addresses[gateway.shard().random().below(i)]);
  }
  Status outcome = Fault{Code::unreachable, Retry::elsewhere,
                         "zone " + request.view.world->zone(zone).name + " has no gateway"};
  const std::uint32_t executions_before = record.executions;
  runtime::CancelScope* outer = co_await runtime::CurrentScope{};
  for (const model::GatewayAddress& address : addresses) {
    const auto pool = gateway.to_gateway(request.view.world->zone(zone).name, address);
    if (!pool) {
      outcome = pool.error();
      continue;
    }
    Envelope envelope = envelope_for(gateway, request, record);
    answer.ask(address.id);
    RunsWith executor{.machine = address.id};
    RunningAttempt running(gateway.running(), std::move(executor), outer);
    auto forwarding = forward_to(gateway, **pool, envelope, request.body, answer);
    outcome = co_await std::move(forwarding).under(running.scope());
    if (!outcome && running.was_cut()) {
      const Retry retry = answer.begun() ? Retry::never : Retry::elsewhere;
      outcome = Fault{Code::draining, retry, "the executor's machine was revoked"};
    }
    const bool untouched = !outcome && outcome.error().retry == Retry::elsewhere &&
                           record.executions == executions_before && !answer.begun();
    if (!untouched) break;
  }
  co_return outcome;
}

runtime::Task<Status> attempt(Gateway& gateway, Admitted& request, ZoneIndex zone, Record& record,
                              ClientAnswer& answer) {
  const model::World& world = *request.view.world;
  const std::string& zone_name = world.zone(zone).name;
  answer.start_attempt(zone_name, world.region(world.region_of(zone)).name);
  runtime::CancelScope* outer = co_await runtime::CurrentScope{};
  RunsWith place{.zone = zone_name, .region = world.zone(zone).region};
  RunningAttempt running(gateway.running(), std::move(place), outer);
  auto work = zone_name == gateway.options().zone
                  ? execute_here(gateway, request, record, answer)
                  : execute_there(gateway, request, zone, record, answer);
  Status outcome = co_await std::move(work).under(running.scope());
  if (!outcome && running.was_cut()) {
    const std::string sentence = "zone " + zone_name + " was denied while it computed the answer.";
    if (answer.begun()) co_return Fault{Code::scope_denied, Retry::never, sentence};
    // To the scope's other zones the zone is one that went away.
    co_return Fault{Code::draining, Retry::elsewhere, sentence};
  }
  co_return outcome;
}

// Names codes and no sentences: what befell us at an engine is not the client's to read.
Fault exhausted_fault(const Admitted& request, const Fault& last, Code code) {
  std::string scope = request.grant.scope;
  if (scope.empty()) scope = "the key's scopes";
  return {code, Retry::later,
          "no zone of " + scope + " can serve " + request.facts.model + " now; the last one said " +
              std::string(name_of(dialect::shown_code(last.code))) + "."};
}

}  // namespace

runtime::Task<Status> answer_from_a_zone(Gateway& gateway, Admitted& request, Record& record,
                                         ClientAnswer& answer) {
  const model::World& world = *request.view.world;
  runtime::CancelScope* scope = co_await runtime::CurrentScope{};
  model::ZoneMask tried;
  bool second_round = false;
  Fault last{Code::scope_exhausted, Retry::later, "every zone is known to be full or lost"};
  for (;;) {
    CO_TRY(const model::ZoneMask allowed, mask_now(gateway, request));
    const Instant now = gateway.shard().now();
    // A hint orders the zones; once all others were tried it must not refuse.
    auto choice = policy::choose_zone(world, allowed - tried, request.grant.here,
                                      gateway.zone_hints(world), now, gateway.shard().random());
    if (!choice) {
      choice = policy::choose_zone(world, allowed - tried, request.grant.here, {}, now,
                                   gateway.shard().random());
    }
    if (!choice && !second_round && now + second_round_after < request.deadline) {
      second_round = true;
      tried = {};
      CO_TRY_DO(co_await runtime::sleep_for(gateway.shard(), second_round_after));
      continue;
    }
    if (!choice) {
      const Code code = last.code == Code::world_skew ? Code::world_skew : Code::scope_exhausted;
      co_return exhausted_fault(request, last, code);
    }
    ++record.attempts;
    ++gateway.metrics().attempts;
    tried.add(choice->zone);
    const std::uint32_t spent = record.executions;
    const Status outcome = co_await attempt(gateway, request, choice->zone, record, answer);
    if (outcome) {
      gateway.zone_succeeded(world.zone(choice->zone).name);
      co_return outcome;
    }
    // Nobody waits for another attempt, and it could wait for nothing.
    if (scope->is_cancelled()) co_return runtime::cancelled_fault(scope->reason());
    last = outcome.error();
    const policy::RetryVerdict verdict =
        policy::may_retry({.fault = last,
                           .executions = record.executions,
                           .first_byte_sent = answer.begun(),
                           .body_replayable = true,
                           .deadline_left = request.deadline - gateway.shard().now()});
    if (!verdict.again()) co_return Fault{*verdict.give_up, last.retry, last.message};
    gateway.zone_failed(world.zone(choice->zone).name);
    if (record.executions + 1 >= limits::executions_max.value && record.executions > spent) {
      CO_TRY_DO(co_await runtime::sleep_for(gateway.shard(), last_execution_after));
    }
  }
}

}  // namespace portolan::gateway
