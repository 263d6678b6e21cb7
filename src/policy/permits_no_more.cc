#include "policy/permits_no_more.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace portolan::policy {
namespace {

template <class Resource>
bool has_all(const std::vector<Resource>& newer, const std::vector<Resource>& older) {
  std::unordered_map<std::string_view, const Resource*> by_name;
  for (const Resource& each : newer) by_name.emplace(each.name, &each);
  return std::ranges::all_of(older, [&by_name](const Resource& each) {
    const auto found = by_name.find(each.name);
    return found != by_name.end() && *found->second == each;
  });
}

}  // namespace

bool permits_no_more(const model::World& older, const model::World& newer) {
  const model::Network& before = older.network();
  const model::Network& after = newer.network();
  const bool same_rules =
      before.rules.size() == after.rules.size() && has_all(after.rules, before.rules);
  return same_rules && has_all(after.regions, before.regions) &&
         has_all(after.zones, before.zones) && has_all(after.models, before.models) &&
         has_all(after.deployments, before.deployments) && has_all(after.scopes, before.scopes);
}

}  // namespace portolan::policy
