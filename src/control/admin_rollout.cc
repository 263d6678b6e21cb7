#include <map>
#include <utility>

#include "control/admin_api.h"
#include "world/time_text.h"

namespace portolan::control {
namespace {

using wire::Json;

Json counts_json(const model::ServedCounts& counts) {
  auto json = Json::object();
  json.set("requests", counts.requests);
  json.set("errors", counts.errors);
  json.set("refusals", counts.refusals);
  json.set("detours", counts.detours);
  return json;
}

Json gateway_json(const State& state, const std::string& id, const std::string& zone,
                  const GatewayRecord* record) {
  auto json = Json::object();
  json.set("gateway", id);
  json.set("zone", zone);
  json.set("turn", !state.rolling_out() || state.rollout->released(zone));
  json.set("connected", record != nullptr && record->connected());
  json.set("holds", nullptr);
  json.set("refused", nullptr);
  json.set("served", nullptr);
  if (record == nullptr) return json;
  const auto& said = record->said;
  if (said.world) json.set("holds", said.world->version.number);
  if (const auto* refusal = refusal_of_newest(state, said)) json.set("refused", refusal->reason);
  json.set("engines_down", engines_down(said));
  if (said.served) {
    json.set("served", counts_json(said.served->since));
    json.set("served_before", counts_json(said.served->before));
  }
  return json;
}

// Those of the World, heard of or not, and all others that poll.
Json gateways_json(const State& state, const HeardGateways& heard) {
  std::map<std::pair<std::string, std::string>, const GatewayRecord*> by_zone;
  for (const auto& zone : state.contents->network.zones) {
    for (const auto& gateway : zone.gateways) by_zone[{zone.name, gateway.id}] = nullptr;
  }
  for (const auto& [id, record] : heard) by_zone[{record.said.zone, id}] = &record;
  auto list = Json::array();
  for (const auto& [place, record] : by_zone) {
    list.push(gateway_json(state, place.second, place.first, record));
  }
  return list;
}

Json steps_json(const Rollout& rollout) {
  auto list = Json::array();
  for (const auto& step : rollout.steps) {
    auto zones = Json::array();
    for (const auto& zone : step.zones) zones.push(zone);
    auto json = Json::object();
    json.set("zones", std::move(zones));
    json.set("began", world::render_date(step.began));
    json.set("verdict", step.verdict);
    list.push(std::move(json));
  }
  return list;
}

Json rollout_json(const State& state, const HeardGateways& heard, const std::string& waits_for,
                  WallTime now) {
  if (!state.rollout) return nullptr;
  const auto& rollout = *state.rollout;
  std::size_t released = 0;
  for (const auto& step : rollout.steps) released += step.zones.size();
  auto json = Json::object();
  json.set("world", rollout.world);
  json.set("from", rollout.from);
  json.set("phase", rollout_phase_names[static_cast<std::size_t>(rollout.phase)]);
  json.set("began", world::render_date(rollout.began));
  json.set("why", rollout.why);
  json.set("refusals_meant", rollout.refusals_meant);
  json.set("zones_released", released);
  json.set("steps", steps_json(rollout));
  if (!rollout.active()) {
    json.set("ended", world::render_date(rollout.ended));
    return json;
  }
  json.set("zones", wave_zones(state, heard, now).size());
  json.set("waits_for", waits_for);
  json.set("gateways", gateways_json(state, heard));
  return json;
}

}  // namespace

runtime::Task<Result<Reply>> AdminApi::get_rollout(AdminCall) {
  auto json = Json::object();
  json.set("now", world::render_date(shard_.wall_now()));
  json.set("rollout", rollout_json(control_.state(), control_.gateways().by_id(),
                                   control_.wave_verdict().why, shard_.wall_now()));
  co_return json_reply(json);
}

runtime::Task<Result<Reply>> AdminApi::change_rollout(RolloutWish wish, AdminCall call) {
  CO_TRY_DO(co_await control_.change_rollout(wish, std::move(call.by)));
  auto reply = co_await get_rollout(std::move(call));
  co_return reply;
}

runtime::Task<Result<Reply>> AdminApi::pause_rollout(AdminCall call) {
  return change_rollout(RolloutWish::pause, std::move(call));
}

runtime::Task<Result<Reply>> AdminApi::resume_rollout(AdminCall call) {
  return change_rollout(RolloutWish::resume, std::move(call));
}

runtime::Task<Result<Reply>> AdminApi::roll_back(AdminCall call) {
  return change_rollout(RolloutWish::roll_back, std::move(call));
}

}  // namespace portolan::control
