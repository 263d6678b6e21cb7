#include "model/world.h"

#include <algorithm>
#include <utility>

#include "model/name.h"

namespace portolan::model {
namespace {

constexpr std::string_view country_prefix = "country:";

template <class Index>
std::optional<Index> find_in(const NameMap<Index>& names, std::string_view name) {
  const auto found = names.find(name);
  if (found == names.end()) return std::nullopt;
  return found->second;
}

}  // namespace

Result<World> World::make(Network network, Version version, std::string hash) {
  std::ranges::sort(network.regions, {}, &Region::name);
  std::ranges::sort(network.zones, {}, &Zone::name);
  std::ranges::sort(network.models, {}, &Model::name);
  std::ranges::sort(network.deployments, {}, &Deployment::name);
  std::ranges::sort(network.scopes, {}, &Scope::name);
  std::ranges::sort(network.rules, {}, &Rule::name);
  std::ranges::sort(network.price_books, {}, &PriceBook::name);

  World world;
  world.version_ = std::move(version);
  world.hash_ = std::move(hash);
  world.network_ = std::move(network);
  TRY_DO(world.index_regions());
  TRY_DO(world.index_zones());
  TRY_DO(world.index_gateways());
  TRY_DO(world.index_models());
  TRY_DO(world.index_deployments());
  TRY_DO(world.index_scopes());
  TRY_DO(world.check_rules());
  return world;
}

std::optional<ZoneIndex> World::find_zone(std::string_view name) const {
  return find_in(zones_, name);
}

std::optional<RegionIndex> World::find_region(std::string_view name) const {
  return find_in(regions_, name);
}

std::optional<ModelIndex> World::find_model(std::string_view name_or_alias) const {
  return find_in(models_, name_or_alias);
}

std::optional<ScopeIndex> World::find_scope(std::string_view name) const {
  return find_in(scopes_, name);
}

const Deployment* World::deployment(ModelIndex model, ZoneIndex zone) const {
  const auto found = deployments_.find(deployment_key(model, zone));
  return found == deployments_.end() ? nullptr : &network_.deployments[found->second];
}

std::optional<ZoneMask> World::zones_named(std::string_view member) const {
  if (member == "*") return ZoneMask::all(zone_count());
  if (const auto zone = find_zone(member)) {
    ZoneMask mask;
    mask.add(*zone);
    return mask;
  }
  if (const auto region = find_region(member)) return zones_of_region(*region);
  if (const auto found = members_.find(member); found != members_.end()) return found->second;
  if (member.starts_with(country_prefix) && usable_country(member.substr(country_prefix.size()))) {
    return ZoneMask::none();
  }
  return std::nullopt;
}

}  // namespace portolan::model
