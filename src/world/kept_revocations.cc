#include "world/kept_revocations.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/limits.h"
#include "wire/json_cursor.h"
#include "wire/json_value.h"

namespace portolan::world {
namespace {

constexpr std::string_view ids_name = "revoked_keys";

std::string render(const KeptRevocations::Ids& ids) {
  std::vector<std::string> sorted(ids.begin(), ids.end());
  std::ranges::sort(sorted);
  auto list = wire::Json::array();
  for (auto& id : sorted) list.push(std::move(id));
  auto json = wire::Json::object();
  json.set(std::string(ids_name), std::move(list));
  return wire::render_canonical(json);
}

Result<std::vector<std::string>> parse(const std::string& text) {
  TRY(const auto json, wire::parse_json(text, Code::disk_failed));
  return wire::JsonCursor(json, Code::disk_failed).texts(ids_name);
}

}  // namespace

std::vector<Fault> KeptRevocations::load() {
  std::vector<Fault> faults;
  for (const std::string& path : paths_) {
    const auto text = disk_->read(path, limits::keyring_bytes_max.count());
    if (!text && text.error().code == Code::resource_not_found) continue;
    auto ids = text ? parse(*text) : Result<std::vector<std::string>>(text.error());
    if (ids) {
      ids_.insert(ids->begin(), ids->end());
      continue;
    }
    ids.error().message = fmt::format("{}: {}", path, ids.error().message);
    faults.push_back(std::move(ids).error());
  }
  return faults;
}

Status KeptRevocations::keep(Ids ids) {
  if (ids == ids_) return {};
  const std::string text = render(ids);
  if (text.size() > limits::keyring_bytes_max.count()) {
    return Fault{Code::limit_exceeded, Retry::never,
                 fmt::format("{} revoked keys are without a tombstone in the Keyring held here, in "
                             "{} bytes; {} is {}. A newer Keyring must come first.",
                             ids.size(), text.size(), limits::keyring_bytes_max.name,
                             limits::keyring_bytes_max.value)};
  }
  for (const std::string& path : paths_) TRY_DO(disk_->replace(path, text));
  ids_ = std::move(ids);
  return {};
}

}  // namespace portolan::world
