#include <fmt/format.h>

#include <utility>

#include "base/limits.h"
#include "gateway/receipt_facts.h"
#include "gateway/receipts.h"
#include "gateway/record.h"
#include "gateway/refusal.h"
#include "gateway/request_head.h"
#include "policy/may_fetch_receipt.h"
#include "runtime/combine.h"

namespace portolan::gateway {
namespace {

// Who asks, and under which View.
struct Asker {
  model::View view;
  policy::Caller caller;
  std::string scope;
};

// A gateway of the World.
struct Keeper {
  ZoneIndex zone;
  model::GatewayAddress address;
};

std::optional<Keeper> find_keeper(const model::World& world, std::string_view gateway_id) {
  for (std::size_t i = 0; i < world.zone_count(); ++i) {
    const ZoneIndex zone{static_cast<std::uint16_t>(i)};
    for (const model::GatewayAddress& address : world.zone(zone).gateways) {
      if (address.id == gateway_id) return Keeper{zone, address};
    }
  }
  return std::nullopt;
}

Fault away(const std::string& gateway_id, const Fault& fault) {
  if (fault.code == Code::cancelled) return fault;
  return {
      Code::receipt_unavailable, Retry::later,
      fmt::format("Gateway '{}', which keeps the record that the receipt is in, does not answer "
                  "({}). Nothing is lost; ask again when it is back.",
                  gateway_id, fault.message)};
}

runtime::Task<Result<std::string>> post(http::Pool& pool, std::string question, Instant deadline) {
  http::Request request;
  request.method = "POST";
  request.target = receipt_hop_path;
  request.fields = {{"content-type", "application/json"}};
  request.body = std::move(question);
  request.answer_bytes_max = receipt_answer_bytes_max;
  CO_TRY(auto answer, co_await http::fetch(pool, std::move(request), deadline));
  if (answer.status == 200) co_return std::move(answer.body);
  co_return Fault{Code::malformed_peer, Retry::later, fmt::format("it answers {}", answer.status)};
}

runtime::Task<Result<ReceiptAnswer>> ask_keeper(Gateway& gateway, Asker& asker, Keeper keeper,
                                                ReceiptQuestion question) {
  const auto role = question.source == ReceiptSource::close ? policy::ReceiptRole::entry
                                                            : policy::ReceiptRole::executor;
  const WallTime now = gateway.shard().wall_now();
  CO_TRY_DO(
      policy::may_fetch_receipt(asker.view, asker.caller, asker.scope, keeper.zone, role, now));
  if (keeper.address.id == gateway.options().id) {
    auto own = co_await receipt_of_records(gateway, std::move(question));
    co_return own;
  }
  const std::string& zone = asker.view.world->zone(keeper.zone).name;
  CO_TRY(http::Pool * pool, gateway.to_gateway(zone, keeper.address));
  const Instant deadline = gateway.shard().now() + limits::hop_silence_max_ms.milliseconds();
  const std::string asked = render_receipt_question(question);
  auto text = co_await post(*pool, asked, deadline);
  // A kept-alive connection may have died unseen; to ask again changes nothing.
  if (!text && text.error().code != Code::cancelled && gateway.shard().now() < deadline) {
    auto again = co_await post(*pool, asked, deadline);
    text = std::move(again);
  }
  if (!text) co_return away(keeper.address.id, text.error());
  auto answer = parse_receipt_answer(*text);
  if (!answer && answer.error().code == Code::malformed_peer) {
    co_return away(keeper.address.id, answer.error());
  }
  co_return answer;
}

runtime::Task<Result<Asker>> admit(Gateway& gateway, http::Exchange& exchange, Record& record) {
  Asker asker;
  asker.view = gateway.knowledge().view();
  record.decide_by(asker.view);
  const RequestHead head = read_request_head(exchange);
  const WallTime now = gateway.shard().wall_now();
  CO_TRY(asker.caller, policy::authenticate(asker.view, head.key, now));
  record.workspace = asker.caller.workspace_name;
  record.key_id = asker.caller.key_id;
  CO_TRY(const ZoneIndex here, gateway.here(*asker.view.world));
  CO_TRY(const auto grant, policy::may_enter(asker.view, asker.caller, here, head.scope, now));
  asker.scope = grant.scope;
  record.scope = scope_of(asker.view, asker.caller, grant);
  co_return asker;
}

runtime::Task<Result<std::string>> receipt_by_id(Gateway& gateway, http::Exchange& exchange,
                                                 Record& record, std::string& id) {
  CO_TRY(auto asker, co_await admit(gateway, exchange, record));
  const auto entry = find_keeper(*asker.view.world, entry_of_request(id));
  if (!entry) {
    co_return Fault{Code::receipt_not_found, Retry::never,
                    "The id names no gateway of this network. It is the value of "
                    "'portolan-request-id' in the answer that the receipt is of."};
  }
  ReceiptQuestion question{.request_id = id,
                           .source = ReceiptSource::close,
                           .workspace = asker.caller.workspace_name,
                           .key_id = asker.caller.key_id};
  CO_TRY(auto kept, co_await ask_keeper(gateway, asker, *entry, question));
  if (!kept.receipt.empty()) co_return std::move(kept.receipt);
  const auto executor = find_keeper(*asker.view.world, kept.executor_gateway);
  if (!executor || asker.view.world->zone(executor->zone).name != kept.executor_zone) {
    co_return away(kept.executor_gateway,
                   {Code::unreachable, Retry::later, "it is not in the World any more"});
  }
  question.source = ReceiptSource::exec;
  CO_TRY(auto made, co_await ask_keeper(gateway, asker, *executor, question));
  co_return std::move(made.receipt);
}

}  // namespace

runtime::Task<void> serve_receipt(Gateway& gateway, http::Exchange& exchange, std::string id) {
  Record record(gateway, exchange);
  auto receipt = co_await receipt_by_id(gateway, exchange, record, id);
  if (!receipt) {
    record.code = receipt.error().code;
    co_await refuse(exchange, record, receipt.error(), "");
    co_return;
  }
  http::OwnedFields fields = {{"content-type", "application/jose"},
                              {"portolan-request-id", record.request_id},
                              {"x-request-id", record.request_id}};
  const Status sent = co_await exchange.respond(200, std::move(fields), *receipt + "\n");
  if (!sent) record.code = Code::cancelled;
}

}  // namespace portolan::gateway
