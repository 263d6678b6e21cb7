#include <set>

#include "control/admin_api.h"
#include "wire/usage_post.h"

namespace portolan::control {
namespace {

std::string target_of(std::string_view path, const std::string& query) {
  return query.empty() ? std::string(path) : std::string(path) + "?" + query;
}

// Gateways from which the ledger has got nothing yet.
std::set<std::string> heard_gateways(const wire::Json& usage) {
  std::set<std::string> heard;
  const auto* ledger = usage.find("ledger");
  const auto* gateways = ledger ? ledger->find("gateways") : nullptr;
  if (gateways == nullptr || gateways->as_array() == nullptr) return heard;
  for (const auto& gateway : *gateways->as_array()) {
    const auto* name = gateway.find("gateway");
    const auto* received = gateway.find("received");
    const bool came = received && received->kind() != wire::JsonKind::null;
    if (came && name && name->as_string()) heard.insert(*name->as_string());
  }
  return heard;
}

}  // namespace

runtime::Task<Result<Reply>> AdminApi::get_usage(AdminCall call) {
  CO_TRY(auto usage, co_await parts_.meter.ask(target_of(wire::usage_query_path, call.query)));
  const auto heard = heard_gateways(usage);
  auto unheard = wire::Json::array();
  const auto& contents = control_.state().contents;
  if (contents) {
    for (const auto& zone : contents->network.zones) {
      for (const auto& gateway : zone.gateways) {
        if (!heard.contains(gateway.id)) unheard.push(gateway.id);
      }
    }
  }
  usage.set("gateways_not_heard_of", std::move(unheard));
  co_return json_reply(usage);
}

runtime::Task<Result<Reply>> AdminApi::get_usage_gaps(AdminCall call) {
  CO_TRY(auto gaps, co_await parts_.meter.ask(target_of(wire::usage_gaps_path, call.query)));
  co_return json_reply(gaps);
}

runtime::Task<Result<Reply>> AdminApi::get_usage_conflicts(AdminCall call) {
  CO_TRY(auto conflicts,
         co_await parts_.meter.ask(target_of(wire::usage_conflicts_path, call.query)));
  co_return json_reply(conflicts);
}

}  // namespace portolan::control
