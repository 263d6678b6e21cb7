#include "gateway/serve_inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "dialect/engine_body.h"
#include "gateway/inspect_engine.h"
#include "gateway/inspect_limits.h"
#include "gateway/inspect_peers.h"
#include "http/json_reply.h"
#include "policy/trusts_machine.h"
#include "runtime/combine.h"
#include "runtime/gate.h"
#include "runtime/tls_shown.h"
#include "seal/identity.h"
#include "world/inspection.h"

namespace portolan::gateway {
namespace {

// One inspection while it is made. Lives in the frame of inspect().
struct Work {
  Gateway& gateway;
  InspectTurns& turns;
  world::InspectionRequest& request;
  world::Inspection& found;
  Instant deadline;
  runtime::CancelScope* scope;       // of whoever asked
  std::vector<AskedEngine> engines;  // one for each of found.engines
  std::size_t next_peer = 0;
  std::size_t next_engine = 0;
};

Status check_is_control(const std::string& peer, const std::string& network,
                        const model::View& view) {
  const auto identity = seal::parse_identity(peer);
  if (identity && identity->kind == seal::Identity::Kind::control && identity->network == network) {
    return policy::trusts_machine(view.restrictions, identity->id);
  }
  return Fault{
      Code::untrusted_peer, Retry::never,
      fmt::format("Only a control of '{}' may inspect a gateway; the certificate says '{}'.",
                  network, peer)};
}

// Every engine in this zone of the models that were asked for: none where no World has this zone.
Status list_engines(Work& work) {
  const model::View view = work.gateway.knowledge().view();
  if (!view.world) return {};
  const auto here = view.world->find_zone(work.gateway.options().zone);
  if (!here) return {};
  for (const std::string& name : work.request.models) {
    const auto model = view.world->find_model(name);
    const auto* deployment = model ? view.world->deployment(*model, *here) : nullptr;
    if (deployment == nullptr) continue;
    for (const model::Engine& engine : deployment->engines) {
      auto& found = work.found.engines.emplace_back();
      found.deployment = deployment->name;
      found.model = view.world->model(*model).name;
      found.kind = engine.kind;
      found.url = engine.url;
      work.engines.push_back(
          {work.gateway, engine,
           dialect::engine_kind_named(engine.kind).value_or(dialect::EngineKind::openai),
           std::string(dialect::served_name(engine, view.world->model(*model))), work.deadline});
    }
  }
  if (work.engines.size() <= world::inspect_engines_max.count()) return {};
  return Fault{
      Code::limit_exceeded, Retry::never,
      fmt::format("These models have {} engines here where {} is {}. Ask for fewer models.",
                  work.engines.size(), world::inspect_engines_max.name,
                  world::inspect_engines_max.value)};
}

runtime::Task<void> reach_peers(Work& work) {
  while (work.next_peer < work.found.peers.size()) {
    world::PeerReach& place = work.found.peers[work.next_peer++];
    auto reach = co_await reach_peer(work.gateway, place.gateway, work.deadline);
    place = std::move(reach);
  }
}

runtime::Task<void> inspect_engines(Work& work) {
  while (work.next_engine < work.engines.size()) {
    const std::size_t at = work.next_engine++;
    co_await inspect_engine(work.engines[at], work.turns, work.request.prompts,
                            work.found.engines[at]);
  }
}

// A part of it, ended with whoever asked.
runtime::Task<void> do_part(Work& work, runtime::Task<void> part) {
  co_await std::move(part).under(*work.scope);
}

runtime::Task<void> do_all(Work& work) {
  const std::size_t reaching = std::min(work.found.peers.size(), inspect_peers_at_once_max.count());
  const std::size_t asking = std::min(work.engines.size(), inspect_engines_at_once_max.count());
  runtime::Gate parts(work.gateway.shard(), reaching + asking);
  for (std::size_t i = 0; i < reaching; ++i) parts.start(do_part(work, reach_peers(work)));
  for (std::size_t i = 0; i < asking; ++i) parts.start(do_part(work, inspect_engines(work)));
  co_await parts.drain();
}

void say_who(Gateway& gateway, world::Inspection& found) {
  const Options& options = gateway.options();
  found.gateway = options.id;
  found.zone = options.zone;
  found.asked = gateway.shard().wall_now();
  const model::View view = gateway.knowledge().view();
  if (view.world) found.world = world::Seen{view.world->version(), view.world->hash()};
  const auto shown = runtime::shown_certificate(*gateway.connections().own());
  if (!shown) return;
  const auto identity = seal::parse_identity(shown->identity);
  found.certificate =
      world::CertificateSaid{shown->identity, identity ? identity->zone : "", shown->not_after};
}

runtime::Task<Result<std::string>> inspect(Gateway& gateway, InspectTurns& turns,
                                           http::Exchange& exchange) {
  CO_TRY_DO(check_is_control(exchange.peer_identity(), gateway.options().network,
                             gateway.knowledge().view()));
  CO_TRY(const std::string body,
         co_await exchange.read_body(world::inspect_request_bytes_max.count()));
  CO_TRY(auto request, world::decode_inspection_request(body));
  if (turns.inspections >= inspections_at_once_max.count()) {
    co_return Fault{Code::overloaded, Retry::later,
                    fmt::format("This gateway answers {} inspections already; that is {}.",
                                turns.inspections, inspections_at_once_max.name)};
  }
  world::Inspection found;
  say_who(gateway, found);
  for (const std::string& peer : request.peers) found.peers.push_back({.gateway = peer});
  runtime::CancelScope* scope = co_await runtime::CurrentScope{};
  Work work{.gateway = gateway,
            .turns = turns,
            .request = request,
            .found = found,
            .deadline = gateway.shard().now() + request.within,
            .scope = scope,
            .engines = {}};
  CO_TRY_DO(list_engines(work));
  ++turns.inspections;
  co_await do_all(work);
  --turns.inspections;
  found.answered = gateway.shard().wall_now();
  std::string text = world::encode_inspection(found);
  if (text.size() > world::inspect_answer_bytes_max.count()) {
    co_return Fault{
        Code::limit_exceeded, Retry::never,
        fmt::format("The answer has {} bytes where {} is {}. Ask for less at once.", text.size(),
                    world::inspect_answer_bytes_max.name, world::inspect_answer_bytes_max.value)};
  }
  co_return std::move(text);
}

}  // namespace

runtime::Task<void> serve_inspect(Gateway& gateway, InspectTurns& turns, http::Exchange& exchange) {
  auto answer = co_await inspect(gateway, turns, exchange);
  http::Reply reply;
  if (answer) {
    reply.body = std::move(*answer);
  } else {
    reply = http::fault_reply(answer.error(), "");
  }
  const Status told = co_await http::send_reply(exchange, std::move(reply));
  if (!told) exchange.break_off();
}

}  // namespace portolan::gateway
