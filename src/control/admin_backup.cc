#include "control/admin_api.h"
#include "control/admin_route.h"
#include "control/backup_file.h"
#include "control/plan_restore.h"
#include "control/resource_reply.h"
#include "wire/url.h"

namespace portolan::control {
namespace {

wire::Json names_json(const std::vector<std::string>& names) {
  auto list = wire::Json::array();
  for (const auto& name : names) list.push(name);
  return list;
}

wire::Json numbers_json(const Numbers& numbers) {
  auto json = wire::Json::object();
  json.set("epoch", numbers.epoch);
  json.set("world", numbers.world);
  json.set("keyring", numbers.keyring);
  json.set("restrictions", numbers.restrictions);
  return json;
}

// Restrictions and Keyrings that gateways refuse, because they would take back
// what was denied or revoked behind the backup.
wire::Json refusals_json(const GatewayRecords& gateways) {
  auto list = wire::Json::array();
  for (const auto& [id, record] : gateways.by_id()) {
    for (const auto& refusal : record.said.refused) {
      auto json = wire::Json::object();
      json.set("gateway", id);
      json.set("kind", seal::name_of(refusal.kind));
      json.set("reason", refusal.reason);
      list.push(std::move(json));
    }
  }
  return list;
}

}  // namespace

wire::Json restore_json(const State& state, const GatewayRecords& gateways) {
  if (!state.restored) return nullptr;
  const RestoredFrom& from = *state.restored;
  const auto gap = find_restore_gap(state, from, gateways.by_id());
  const auto lacking = from.finished ? from.lacked : render_gap(from, gap);
  auto json = wire::Json::object();
  json.set("finished", from.finished);
  json.set("backup_time", from.taken);
  json.set("restored_time", from.restored);
  json.set("backup", numbers_json(from.numbers));
  json.set("now", numbers_json(state.numbers));
  json.set("lacking", lacking.empty() ? wire::Json() : wire::Json(lacking));
  json.set("gateways_heard", names_json(gap.heard));
  json.set("gateways_not_heard_of", names_json(gap.not_heard));
  json.set("refused", refusals_json(gateways));
  return json;
}

runtime::Task<Result<Reply>> AdminApi::get_restore(AdminCall) {
  auto json = wire::Json::object();
  json.set("restore", restore_json(control_.state(), control_.gateways()));
  co_return json_reply(json);
}

runtime::Task<Result<Reply>> AdminApi::finish_restore(AdminCall call) {
  CO_TRY_DO(co_await control_.finish_restore(std::move(call.by)));
  auto json = wire::Json::object();
  json.set("restore", restore_json(control_.state(), control_.gateways()));
  co_return json_reply(json);
}

runtime::Task<Result<Reply>> AdminApi::get_backup(AdminCall call) {
  CO_TRY(const std::uint64_t revision, whole_parameter(call.query, "revision", 0));
  CO_TRY(const auto after, wire::find_parameter(call.query, "after"));
  CO_TRY(const auto page, co_await control_.read_backup(revision, after.value_or("")));
  auto items = wire::Json::array();
  for (const auto& item : page.items) items.push(item_json(item));
  auto json = wire::Json::object();
  json.set("manifest", manifest_json(page.manifest));
  json.set("items", std::move(items));
  json.set("next", page.next.empty() ? wire::Json() : wire::Json(page.next));
  co_return json_reply(json);
}

}  // namespace portolan::control
