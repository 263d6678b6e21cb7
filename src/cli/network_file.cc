#include "cli/network_file.h"

#include "wire/json_value.h"

namespace portolan::cli {
namespace {

using wire::Json;

template <class T>
void read_member(const Json& json, std::string_view name, T& into) {
  const Json* member = json.find(name);
  if (member == nullptr) return;
  if constexpr (std::is_same_v<T, std::string>) {
    if (const std::string* text = member->as_string()) into = *text;
  } else {
    into = member->as_int64().value_or(0);
  }
}

// Calls read(element, into) for each object of a list.
template <class T, class Read>
void read_list(const Json& json, std::string_view name, std::vector<T>& into, Read read) {
  const Json* list = json.find(name);
  if (list == nullptr || list->as_array() == nullptr) return;
  for (const Json& element : *list->as_array()) read(element, into.emplace_back());
}

template <class T, class Write>
Json list_of(const std::vector<T>& values, Write write) {
  Json list = Json::array();
  for (const T& value : values) list.push(write(value));
  return list;
}

Json zone_json(const NetworkFile::Zone& zone) {
  Json json = Json::object();
  json.set("name", zone.name).set("region", zone.region);
  json.set("gateway_url", zone.gateway_url).set("gateway_pid", zone.gateway_pid);
  json.set("engine_url", zone.engine_url).set("engine_pid", zone.engine_pid);
  return json;
}

Json region_json(const NetworkFile::Region& region) {
  Json json = Json::object();
  json.set("name", region.name).set("url", region.url);
  return json;
}

Json workspace_json(const NetworkFile::Workspace& workspace) {
  Json json = Json::object();
  json.set("name", workspace.name).set("scope", workspace.scope).set("key", workspace.key);
  return json;
}

void read_zone(const Json& json, NetworkFile::Zone& zone) {
  read_member(json, "name", zone.name);
  read_member(json, "region", zone.region);
  read_member(json, "gateway_url", zone.gateway_url);
  read_member(json, "gateway_pid", zone.gateway_pid);
  read_member(json, "engine_url", zone.engine_url);
  read_member(json, "engine_pid", zone.engine_pid);
}

void read_region(const Json& json, NetworkFile::Region& region) {
  read_member(json, "name", region.name);
  read_member(json, "url", region.url);
}

void read_workspace(const Json& json, NetworkFile::Workspace& workspace) {
  read_member(json, "name", workspace.name);
  read_member(json, "scope", workspace.scope);
  read_member(json, "key", workspace.key);
}

}  // namespace

std::string render_network_file(const NetworkFile& file) {
  Json admin = Json::object();
  admin.set("url", file.admin.url).set("key", file.admin.key);
  Json json = Json::object();
  json.set("pid", file.pid).set("control_pid", file.control_pid);
  json.set("meter_pid", file.meter_pid);
  json.set("regions", list_of(file.regions, region_json));
  json.set("zones", list_of(file.zones, zone_json));
  json.set("workspaces", list_of(file.workspaces, workspace_json));
  json.set("admin", std::move(admin));
  return render_pretty(json) + "\n";
}

Result<NetworkFile> parse_network_file(std::string_view text) {
  TRY(const Json json, wire::parse_json(text, Code::bad_configuration));
  if (json.as_object() == nullptr) {
    return Fault{Code::bad_configuration, Retry::never, "network.json is no JSON object"};
  }
  NetworkFile file;
  read_member(json, "pid", file.pid);
  read_member(json, "control_pid", file.control_pid);
  read_member(json, "meter_pid", file.meter_pid);
  read_list(json, "regions", file.regions, read_region);
  read_list(json, "zones", file.zones, read_zone);
  read_list(json, "workspaces", file.workspaces, read_workspace);
  if (const Json* admin = json.find("admin")) {
    read_member(*admin, "url", file.admin.url);
    read_member(*admin, "key", file.admin.key);
  }
  return file;
}

std::string_view key_id_of(std::string_view key) {
  constexpr std::string_view prefix = "ptl_";
  if (!key.starts_with(prefix)) return {};
  key.remove_prefix(prefix.size());
  const std::size_t end = key.find('_');
  return end == std::string_view::npos ? std::string_view{} : key.substr(0, end);
}

}  // namespace portolan::cli
