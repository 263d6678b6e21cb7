#include <algorithm>

#include "base/check.h"
#include "control/admin_api.h"
#include "control/compare_golden.h"
#include "world/time_text.h"

namespace portolan::control {
namespace {

using wire::Json;

Json run_json(const GoldenRecord& record, WallTime now) {
  if (!record.run) return nullptr;
  auto json = Json::object();
  json.set("began", world::render_date(record.run->began));
  json.set("ended", nullptr);
  if (record.run->ended) json.set("ended", world::render_date(*record.run->ended));
  json.set("by", record.run->by);
  json.set("running", is_running(record, now));
  return json;
}

// As gateways tell it: all that its engines said.
Json engines_json(const GoldenZone& zone) {
  world::Inspection inspection;
  inspection.engines = zone.engines;
  const auto said = wire::parse_json(world::encode_inspection(inspection));
  check(said.has_value(), "what is rendered is JSON");
  const auto* engines = said->find("engines");
  return engines != nullptr ? *engines : Json::array();
}

Json zone_json(const GoldenZone& zone) {
  auto json = Json::object();
  json.set("zone", zone.zone);
  json.set("gateway", zone.gateway);
  json.set("asked", world::render_date(zone.asked));
  json.set("engines", engines_json(zone));
  json.set("why", zone.why);
  return json;
}

Json finding_json(const GoldenFinding& finding) {
  auto json = Json::object();
  json.set("kind", name_of(finding.kind));
  json.set("zone", finding.zone);
  json.set("engine", finding.engine);
  json.set("fact", finding.fact);
  json.set("said", finding.said);
  json.set("others", finding.others);
  return json;
}

Json model_json(const GoldenModel& model) {
  auto findings = Json::array();
  for (const auto& finding : model.findings) findings.push(finding_json(finding));
  auto json = Json::object();
  json.set("model", model.model);
  json.set("zones", model.zones);
  json.set("engines", model.engines);
  json.set("agrees", model.agrees());
  json.set("findings", std::move(findings));
  return json;
}

}  // namespace

runtime::Task<Result<Reply>> AdminApi::get_golden(AdminCall) {
  CO_TRY(const auto record, co_await parts_.golden.record());
  auto zones = Json::array();
  for (const auto& zone : record.zones) zones.push(zone_json(zone));
  auto models = Json::array();
  const auto compared = compare_golden(record.zones);
  for (const auto& model : compared) models.push(model_json(model));
  const bool heard = !record.zones.empty() &&
                     std::ranges::all_of(record.zones, &std::string::empty, &GoldenZone::why);
  auto json = Json::object();
  json.set("now", world::render_date(shard_.wall_now()));
  json.set("run", run_json(record, shard_.wall_now()));
  json.set("wished", parts_.golden.is_wished());
  json.set("agrees", heard && std::ranges::all_of(compared, &GoldenModel::agrees));
  json.set("zones", std::move(zones));
  json.set("models", std::move(models));
  co_return json_reply(json);
}

runtime::Task<Result<Reply>> AdminApi::run_golden(AdminCall call) {
  CO_TRY_DO(parts_.golden.wish_run(call.by.request));
  auto reply = co_await get_golden(std::move(call));
  if (reply) reply->status = 202;
  co_return reply;
}

}  // namespace portolan::control
