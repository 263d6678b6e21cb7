#include "gateway/hop_server.h"

#include <cstdlib>
#include <utility>

#include "base/limits.h"
#include "gateway/envelope.h"
#include "gateway/execution.h"
#include "gateway/hop_frames.h"
#include "gateway/hop_sink.h"
#include "gateway/receipts.h"
#include "gateway/serve_inspect.h"
#include "policy/trusts_machine.h"
#include "runtime/combine.h"
#include "seal/identity.h"
#include "world/inspection.h"

namespace portolan::gateway {
namespace {

constexpr std::size_t envelope_bytes_max = 64 * 1024;
constexpr std::size_t hop_bytes_max = limits::body_bytes_max.value + envelope_bytes_max;

struct Forwarded {
  Envelope envelope;
  std::string body;
};

// The envelope and the client's body out of a hop's frames.
Result<Forwarded> read_forwarded(std::string_view frames) {
  FrameReader reader;
  reader.add(frames);
  Forwarded forwarded;
  bool has_head = false;
  for (;;) {
    TRY(const auto frame, reader.next());
    if (!frame) break;
    if (frame->skip) continue;
    if (frame->kind == wire::FrameKind::head && !has_head) {
      TRY(forwarded.envelope, parse_envelope(frame->payload));
      has_head = true;
    } else if (frame->kind == wire::FrameKind::data && has_head) {
      forwarded.body.append(frame->payload);
    } else {
      return Fault{Code::malformed_peer, Retry::elsewhere, "a hop's frames are out of order"};
    }
  }
  if (!has_head || !reader.empty()) {
    return Fault{Code::malformed_peer, Retry::elsewhere, "a hop's frames are cut short"};
  }
  return forwarded;
}

// The certificate must be that of the gateway and zone that the envelope names.
Status check_entry(const Envelope& envelope, const std::string& peer, Gateway& gateway) {
  const Options& options = gateway.options();
  const WallTime now = gateway.shard().wall_now();
  TRY(const seal::Identity identity, seal::parse_identity(peer));
  if (identity.kind != seal::Identity::Kind::gateway || identity.network != options.network ||
      identity.zone != envelope.entry_zone || identity.id != envelope.entry_gateway) {
    return Fault{Code::untrusted_peer, Retry::never,
                 "the envelope names " + envelope.entry_gateway + " of " + envelope.entry_zone +
                     ", the certificate says " + peer};
  }
  TRY_DO(policy::trusts_machine(gateway.knowledge().view().restrictions, identity.id));
  if (envelope.executions_left == 0) {
    return Fault{Code::attempts_exhausted, Retry::never, "the envelope leaves no execution"};
  }
  if (std::abs((now - envelope.sent_at).ns) > limits::clock_skew_max_ms.milliseconds().ns) {
    return Fault{Code::world_skew, Retry::elsewhere,
                 "the clocks of " + envelope.entry_gateway + " and " + options.id +
                     " are further apart than clock_skew_max"};
  }
  return {};
}

Execution execution_of(const Forwarded& forwarded, Instant now) {
  return {.request_id = forwarded.envelope.request_id,
          .entry_gateway = forwarded.envelope.entry_gateway,
          .entry_zone = forwarded.envelope.entry_zone,
          .traceparent = forwarded.envelope.traceparent,
          .endpoint = forwarded.envelope.endpoint,
          .facts = forwarded.envelope.facts,
          .receipt = forwarded.envelope.receipt,
          .body = forwarded.body,
          .deadline = now + forwarded.envelope.time_left};
}

// Cut where the entry's machine is revoked meanwhile.
runtime::Task<Status> execute_for_entry(Gateway& gateway, Execution& execution, HopSink& sink) {
  runtime::CancelScope* outer = co_await runtime::CurrentScope{};
  RunsWith entry{.machine = execution.entry_gateway};
  RunningAttempt running(gateway.running(), std::move(entry), outer);
  auto work = execute(gateway, execution, sink);
  Status outcome = co_await std::move(work).under(running.scope());
  co_return outcome;
}

}  // namespace

runtime::Task<void> HopServer::handle(http::Exchange& exchange) {
  const wire::RequestHead& head = exchange.head();
  if (head.method == "GET" && head.path == hop_health_path) {
    const bool can_serve = gateway_.can_serve_here();
    const Status told = co_await exchange.respond(can_serve ? 200 : 503, {}, "");
    if (!told) exchange.break_off();
    co_return;
  }
  if (head.method == "POST" && head.path == hop_path) {
    co_await execute_hop(exchange);
    co_return;
  }
  if (head.method == "POST" && head.path == receipt_hop_path) {
    co_await give_receipt(exchange);
    co_return;
  }
  if (head.method == "POST" && head.path == world::inspect_path) {
    co_await serve_inspect(gateway_, inspect_turns_, exchange);
    co_return;
  }
  const Status told = co_await exchange.respond(404, {}, "");
  if (!told) exchange.break_off();
}

runtime::Task<void> HopServer::give_receipt(http::Exchange& exchange) {
  const auto question = co_await exchange.read_body(receipt_question_bytes_max);
  if (!question) co_return;
  const auto answer = co_await answer_receipt_hop(gateway_, exchange.peer_identity(), *question);
  http::OwnedFields fields;
  fields.push_back({"content-type", "application/json"});
  const Status told =
      co_await exchange.respond(200, std::move(fields), render_receipt_answer(answer));
  if (!told) exchange.break_off();
}

runtime::Task<void> HopServer::execute_hop(http::Exchange& exchange) {
  ++gateway_.metrics().hops_in;
  auto frames = co_await exchange.read_body(hop_bytes_max);
  if (!frames) co_return;
  http::OwnedFields fields;
  fields.push_back({"content-type", "application/vnd.portolan.frames"});
  const Status begun = co_await exchange.begin(200, std::move(fields));
  if (!begun) co_return;
  HopSink sink(gateway_, exchange);
  auto forwarded = read_forwarded(*frames);
  Status outcome = forwarded ? check_entry(forwarded->envelope, exchange.peer_identity(), gateway_)
                             : Status(forwarded.error());
  if (outcome) {
    Execution execution = execution_of(*forwarded, gateway_.shard().now());
    auto work = execute_for_entry(gateway_, execution, sink);
    auto bounded = runtime::until(gateway_.shard(), execution.deadline, std::move(work));
    auto raced = co_await runtime::race(std::move(bounded), sink.beat());
    // A heartbeat that cannot be written has ended the execution: the entry is gone.
    if (!raced.first_won) co_return;
    outcome = std::move(*raced.first);
    gateway_.tally().note_computed(outcome ? std::nullopt
                                           : std::optional<Code>(outcome.error().code));
  }
  if (outcome) {
    outcome = co_await sink.finish();
  } else {
    outcome = co_await sink.fail(outcome.error());
  }
  if (!outcome) exchange.break_off();
}

http::OwnedFields HopServer::render_fault(const Fault& fault, std::string& body) {
  body = std::string(name_of(fault.code)) + "\n";
  return {{"content-type", "text/plain"}};
}

}  // namespace portolan::gateway
