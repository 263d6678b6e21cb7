#include "control/resource_reply.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "world/resource_text.h"
#include "world/suggest.h"

namespace portolan::control {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return out;
}

}  // namespace

Result<world::Kind> kind_of_path(const std::string& segment) {
  std::vector<std::string> plurals;
  for (std::size_t i = 0; i < world::kind_names.size(); ++i) {
    const auto singular = lower(world::kind_names[i]);
    plurals.push_back(singular + "s");
    if (segment == singular || segment == plurals.back()) return static_cast<world::Kind>(i);
  }
  const std::vector<std::string_view> known(plurals.begin(), plurals.end());
  return Fault{
      Code::path_not_found, Retry::never,
      fmt::format("There is no kind '{}'.{}", segment, world::did_you_mean(segment, known))};
}

std::optional<wire::Json> resource_document(const State& state, const ResourceName& name) {
  const auto version = state.resource_versions.find(name);
  const auto resource = world::find(*state.contents, name.first, name.second);
  if (version == state.resource_versions.end() || !resource) return std::nullopt;
  auto document = world::resource_json(*resource);
  auto* metadata = document.find("metadata");
  check(metadata != nullptr, "a resource document has metadata");
  metadata->set("resourceVersion", version->second);
  return document;
}

wire::Json version_json(const model::Version& version, const std::string& hash) {
  auto json = wire::Json::object();
  json.set("version", version.number);
  json.set("epoch", version.epoch);
  json.set("hash", hash);
  return json;
}

}  // namespace portolan::control
