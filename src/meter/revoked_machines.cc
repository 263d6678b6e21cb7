#include "meter/revoked_machines.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "wire/json_cursor.h"
#include "wire/json_value.h"

namespace portolan::meter {
namespace {

Result<std::set<std::string>> read_ids(std::string_view text) {
  TRY(const auto json, wire::parse_json(text, Code::invalid_parameter));
  const auto* machines = json.find("machines");
  const auto* list = machines != nullptr ? machines->as_array() : nullptr;
  const Fault malformed{Code::invalid_parameter, Retry::never,
                        "Give {\"machines\": [ID, ...]} of those that were revoked."};
  if (list == nullptr) return malformed;
  std::set<std::string> ids;
  for (const auto& id : *list) {
    if (id.as_string() == nullptr) return malformed;
    ids.insert(*id.as_string());
  }
  return ids;
}

std::string render_ids(const std::set<std::string>& ids) {
  auto list = wire::Json::array();
  for (const auto& id : ids) list.push(id);
  auto json = wire::Json::object();
  json.set("machines", std::move(list));
  return wire::render_canonical(json);
}

}  // namespace

Result<RevokedMachines> RevokedMachines::open(runtime::Shard& shard, std::string path) {
  RevokedMachines machines(shard, std::move(path));
  if (machines.path_.empty()) return machines;
  const auto text = shard.disk().read(machines.path_, revoked_machines_bytes_max.count());
  if (!text && text.error().code == Code::resource_not_found) return machines;
  if (!text) return text.error();
  auto ids = read_ids(*text);
  if (!ids) {
    return Fault{Code::disk_failed, Retry::never,
                 fmt::format("{} is no list of revoked machines: {} Move it away; control tells "
                             "the list anew within a minute.",
                             machines.path_, ids.error().message)};
  }
  machines.ids_ = std::move(*ids);
  return machines;
}

Status RevokedMachines::add(std::string_view body) {
  TRY(auto all, read_ids(body));
  all.insert(ids_.begin(), ids_.end());
  if (all.size() == ids_.size()) return {};
  if (!path_.empty()) {
    TRY_DO(shard_->disk().replace(path_, render_ids(all)));
  }
  shard_->report(fmt::format("{} machines are revoked; nothing is taken from them", all.size()));
  ids_ = std::move(all);
  return {};
}

}  // namespace portolan::meter
