#include "cli/network_tables.h"

namespace portolan::cli {
namespace {

using wire::Json;

Json share_json(const Share& share, const char* some) {
  Json json = Json::object();
  json.set(some, share.some).set("total", share.all);
  return json;
}

Json engines_json(const Share& engines, bool known) {
  Json json = share_json(engines, "healthy");
  if (!known && engines.all > 0) json.set("healthy", nullptr);
  return json;
}

Json world_json(const std::optional<HeldWorld>& world) {
  if (!world) return nullptr;
  Json json = Json::object();
  json.set("version", world->number);
  json.set("behind", world->behind ? Json(*world->behind) : Json());
  return json;
}

Json names_json(const std::vector<std::string>& names) {
  Json list = Json::array();
  for (const std::string& name : names) list.push(name);
  return list;
}

Json region_json(const RegionView& shown) {
  const model::Region& region = shown.region;
  const Total total = total_of(shown.zones);
  Json json = Json::object();
  json.set("name", region.name).set("city", region.city).set("country", region.country);
  json.set("latitude", region.latitude).set("longitude", region.longitude);
  json.set("groups", names_json(region.groups)).set("url", region.url);
  json.set("zones", share_json(total.zones, "well"));
  json.set("gateways", share_json(total.gateways, "seen"));
  json.set("engines", engines_json(total.engines, total.engines_known));
  json.set("models", names_json(total.models)).set("world", world_json(total.world));
  return json;
}

Json zone_json(const RegionView& shown, const ZoneView& zone) {
  Json json = Json::object();
  json.set("name", zone.name).set("region", zone.region);
  json.set("city", shown.region.city).set("country", shown.region.country);
  json.set("state", name_of(zone.state)).set("well", zone.well());
  json.set("seen_ms_ago", zone.seen ? Json(zone.seen->milliseconds()) : Json());
  json.set("gateways", share_json(zone.gateways, "seen"));
  json.set("engines", engines_json(zone.engines, zone.engines_known));
  json.set("models", names_json(zone.models)).set("world", world_json(zone.world));
  return json;
}

Json with_items(const NetworkView& view, Json items) {
  Json world = Json::object();
  world.set("version", view.world).set("hash", view.world_hash);
  Json json = Json::object();
  json.set("world", std::move(world)).set("items", std::move(items));
  return json;
}

}  // namespace

Json regions_json(const NetworkView& view) {
  Json items = Json::array();
  for (const RegionView& region : view.regions) items.push(region_json(region));
  return with_items(view, std::move(items));
}

Json zones_json(const NetworkView& view) {
  Json items = Json::array();
  for (const RegionView& region : view.regions) {
    for (const ZoneView& zone : region.zones) items.push(zone_json(region, zone));
  }
  return with_items(view, std::move(items));
}

}  // namespace portolan::cli
