#include "gateway/receipts.h"

#include <fmt/format.h>

#include <utility>

#include "gateway/receipt_facts.h"
#include "gateway/usage_log.h"
#include "gateway/zone_key.h"
#include "policy/may_fetch_receipt.h"
#include "policy/trusts_machine.h"
#include "seal/identity.h"

namespace portolan::gateway {
namespace {

Fault not_found(const std::string& request_id) {
  return {Code::receipt_not_found, Retry::never,
          fmt::format("This workspace has no receipt of a request '{}'; receipts are kept for {} "
                      "days, and a request that nothing executed has none.",
                      request_id.substr(0, 128), receipt_days.value)};
}

Fault unavailable(const Fault& fault) {
  if (fault.code == Code::cancelled) return fault;
  return {Code::receipt_unavailable, Retry::later,
          "The record that the receipt is in cannot be read now: " + fault.message};
}

bool too_old(Gateway& gateway, WallTime ended) {
  const auto kept = Duration::hours(24) * static_cast<std::int64_t>(receipt_days.value);
  return ended + kept < gateway.shard().wall_now();
}

runtime::Task<Result<ReceiptAnswer>> receipt_of_close(Gateway& gateway, ReceiptQuestion question) {
  auto found = co_await gateway.usage_log().find_close(question.request_id);
  if (!found) co_return unavailable(found.error());
  const auto& close = *found;
  if (!close || close->request.workspace != question.workspace || too_old(gateway, close->ended)) {
    co_return not_found(question.request_id);
  }
  if (close->receipt.empty() && close->executor_gateway.empty()) {
    co_return not_found(question.request_id);
  }
  co_return ReceiptAnswer{.receipt = close->receipt,
                          .executor_zone = close->executor_zone,
                          .executor_gateway = close->executor_gateway};
}

runtime::Task<Result<ReceiptAnswer>> receipt_of_exec(Gateway& gateway, ReceiptQuestion question) {
  auto found = co_await gateway.usage_log().find_exec(question.request_id);
  if (!found) co_return unavailable(found.error());
  const auto& exec = *found;
  if (!exec || exec->workspace != question.workspace || too_old(gateway, exec->ended)) {
    co_return not_found(question.request_id);
  }
  CO_TRY(auto receipt, gateway.zone_key().sign(facts_of(gateway.options(), *exec)));
  ReceiptAnswer answer;
  answer.receipt = std::move(receipt);
  co_return answer;
}

}  // namespace

runtime::Task<Result<ReceiptAnswer>> receipt_of_records(Gateway& gateway,
                                                        ReceiptQuestion question) {
  auto looking = question.source == ReceiptSource::close
                     ? receipt_of_close(gateway, std::move(question))
                     : receipt_of_exec(gateway, std::move(question));
  auto answer = co_await std::move(looking);
  co_return answer;
}

runtime::Task<Result<ReceiptAnswer>> answer_receipt_hop(Gateway& gateway, std::string peer,
                                                        std::string body) {
  CO_TRY(const seal::Identity identity, seal::parse_identity(peer));
  if (identity.kind != seal::Identity::Kind::gateway ||
      identity.network != gateway.options().network) {
    co_return Fault{Code::untrusted_peer, Retry::never, peer + " is no gateway of this network"};
  }
  const model::View view = gateway.knowledge().view();
  CO_TRY_DO(policy::trusts_machine(view.restrictions, identity.id));
  CO_TRY(auto question, parse_receipt_question(body));
  const WallTime now = gateway.shard().wall_now();
  const policy::Caller named{.workspace = {},
                             .workspace_name = question.workspace,
                             .key_id = question.key_id,
                             .key_scopes = {}};
  CO_TRY(const auto caller, policy::authenticate_again(view, named, now));
  const auto asking = view.world->find_zone(identity.zone);
  if (!asking) {
    co_return Fault{Code::world_skew, Retry::never,
                    "zone " + identity.zone + ", which asks, is not in this gateway's World"};
  }
  CO_TRY_DO(policy::may_fetch_receipt(view, caller, "", *asking, policy::ReceiptRole::entry, now));
  auto answer = co_await receipt_of_records(gateway, std::move(question));
  co_return answer;
}

}  // namespace portolan::gateway
