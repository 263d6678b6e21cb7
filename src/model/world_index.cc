#include <fmt/format.h>

#include <cmath>
#include <unordered_set>

#include "model/name.h"
#include "model/world.h"
#include "model/world_seams.h"

// The checks of World::make, and the indices they fill on the way. Each relies
// on those before it: regions, zones, gateways, models, deployments.
namespace portolan::model {
namespace {

Status within(std::size_t count, const Limit& limit) {
  if (count <= limit.count()) return {};
  return invalid_resource(fmt::format("The World has {} of what '{}' bounds at {}: {}.", count,
                                      limit.name, limit.value, limit.reason));
}

Status check_region(const Region& region) {
  if (!usable_country(region.country)) {
    return invalid_resource(fmt::format(
        "Region '{}' has country '{}'; it needs two upper-case letters (ISO 3166-1), because "
        "rules and scopes ask for it.",
        region.name, region.country));
  }
  const bool on_earth = std::abs(region.latitude) <= 90 && std::abs(region.longitude) <= 180;
  if (!on_earth) {  // false for NaN too
    return invalid_resource(fmt::format("Region '{}' stands at {}, {}, which is not on Earth.",
                                        region.name, region.latitude, region.longitude));
  }
  return {};
}

// Members of scopes and rules name places of every kind in one list.
Status check_place_name(std::string_view kind, const std::string& name) {
  if (!usable_name(name)) return unusable_name(kind, name);
  if (name == "*" || name.starts_with("country:")) {
    return invalid_resource(
        fmt::format("A {} is named '{}', which means other places in a scope.", kind, name));
  }
  return {};
}

Fault repeated(std::string_view kind, std::string_view name) {
  return invalid_resource(fmt::format("The name of {} '{}' is used twice.", kind, name));
}

// A mistyped place would make a `deny` hold nowhere, so each must exist; only a
// country may have no region yet.
Status check_places(const World& world, const Rule& rule) {
  const Destination& places = rule.places;
  const auto refuse = [&](std::string_view kind, const std::string& name) {
    return invalid_resource(
        fmt::format("Rule '{}' names {} '{}', which does not exist.", rule.name, kind, name));
  };
  for (const std::string& country : places.country) {
    if (!usable_country(country)) return refuse("country", country);
  }
  for (const std::string& region : places.region) {
    if (!world.find_region(region)) return refuse("region", region);
  }
  for (const std::string& zone : places.zone) {
    if (!world.find_zone(zone)) return refuse("zone", zone);
  }
  for (const std::string& group : places.group) {
    const bool is_group = !world.find_region(group) && !world.find_zone(group) && group != "*" &&
                          !group.starts_with("country:") && world.zones_named(group);
    if (!is_group) return refuse("group", group);
  }
  if (places == Destination{}) {
    return invalid_resource(fmt::format("Rule '{}' names no place.", rule.name));
  }
  return {};
}

}  // namespace

Status World::index_regions() {
  TRY_DO(within(network_.regions.size(), limits::regions_max));
  for (std::size_t i = 0; i < network_.regions.size(); ++i) {
    const Region& region = network_.regions[i];
    TRY_DO(check_place_name("region", region.name));
    TRY_DO(check_region(region));
    const RegionIndex index{static_cast<std::uint16_t>(i)};
    if (!regions_.emplace(region.name, index).second) return repeated("region", region.name);
  }
  for (const Region& region : network_.regions) {
    for (const std::string& group : region.groups) {
      TRY_DO(check_place_name("group", group));
      if (regions_.contains(group)) return repeated("group and region", group);
    }
  }
  region_masks_.resize(network_.regions.size());
  return {};
}

Status World::index_zones() {
  TRY_DO(within(network_.zones.size(), limits::zones_max));
  for (std::size_t i = 0; i < network_.zones.size(); ++i) {
    const Zone& zone = network_.zones[i];
    const ZoneIndex index{static_cast<std::uint16_t>(i)};
    TRY_DO(check_place_name("zone", zone.name));
    if (!zones_.emplace(zone.name, index).second) return repeated("zone", zone.name);
    if (regions_.contains(zone.name)) return repeated("zone and region", zone.name);
    const auto region = find_region(zone.region);
    if (!region) {
      return invalid_resource(fmt::format("Zone '{}' is of region '{}', which does not exist.",
                                          zone.name, zone.region));
    }
    if (zone.share < 1 || zone.share > 100) {
      return invalid_resource(
          fmt::format("Zone '{}' has a share of {}; it is a percentage from 1 to "
                      "100.",
                      zone.name, zone.share));
    }
    if (zone.share < 100) partial_.add(index);
    region_of_zone_.push_back(*region);
    region_masks_[region->value].add(index);
  }
  for (std::size_t i = 0; i < network_.regions.size(); ++i) {
    const Region& region = network_.regions[i];
    members_["country:" + region.country] |= region_masks_[i];
    for (const std::string& group : region.groups) {
      if (zones_.contains(group)) return repeated("group and zone", group);
      members_[group] |= region_masks_[i];
    }
  }
  return {};
}

Status World::index_gateways() {
  std::unordered_set<std::string_view> ids;
  for (const Zone& zone : network_.zones) {
    for (const GatewayAddress& gateway : zone.gateways) {
      if (!usable_name(gateway.id)) return unusable_name("gateway", gateway.id);
      if (!ids.insert(gateway.id).second) return repeated("gateway", gateway.id);
    }
  }
  return {};
}

Status World::index_models() {
  TRY_DO(within(network_.models.size(), limits::resources_max));
  for (std::size_t i = 0; i < network_.models.size(); ++i) {
    const Model& model = network_.models[i];
    const ModelIndex index{static_cast<std::uint32_t>(i)};
    if (!usable_name(model.name)) return unusable_name("model", model.name);
    if (!models_.emplace(model.name, index).second) return repeated("model", model.name);
    for (const std::string& alias : model.aliases) {
      if (!usable_name(alias)) return unusable_name("model's alias", alias);
      if (!models_.emplace(alias, index).second) return repeated("model or alias", alias);
    }
  }
  placements_.resize(network_.models.size());
  return {};
}

Status World::index_deployments() {
  TRY_DO(within(network_.deployments.size(), limits::resources_max));
  std::unordered_set<std::string_view> names;
  for (std::size_t i = 0; i < network_.deployments.size(); ++i) {
    const Deployment& deployment = network_.deployments[i];
    if (!usable_name(deployment.name)) return unusable_name("deployment", deployment.name);
    if (!names.insert(deployment.name).second) return repeated("deployment", deployment.name);
    const auto model = find_model(deployment.model);
    if (!model || network_.models[model->value].name != deployment.model) {
      return invalid_resource(fmt::format("Deployment '{}' is of model '{}', which does not exist.",
                                          deployment.name, deployment.model));
    }
    const auto zone = find_zone(deployment.zone);
    if (!zone) {
      return invalid_resource(fmt::format("Deployment '{}' is in zone '{}', which does not exist.",
                                          deployment.name, deployment.zone));
    }
    if (!deployments_.emplace(deployment_key(*model, *zone), i).second) {
      return invalid_resource(
          fmt::format("Deployment '{}' is the second of model '{}' in zone '{}'.", deployment.name,
                      deployment.model, deployment.zone));
    }
    placements_[model->value].add(*zone);
  }
  return {};
}

Status World::check_members(const Scope& scope) const {
  for (const auto* members : {&scope.include, &scope.exclude}) {
    for (const std::string& member : *members) {
      if (!zones_named(member)) {
        return invalid_resource(
            fmt::format("Scope '{}' names '{}', which is no zone, region, group or country:XX.",
                        scope.name, member));
      }
    }
  }
  return {};
}

Status World::index_scopes() {
  TRY_DO(within(network_.scopes.size(), limits::resources_max));
  for (std::size_t i = 0; i < network_.scopes.size(); ++i) {
    const Scope& scope = network_.scopes[i];
    const ScopeIndex index{static_cast<std::uint32_t>(i)};
    if (!usable_name(scope.name)) return unusable_name("scope", scope.name);
    if (!scopes_.emplace(scope.name, index).second) return repeated("scope", scope.name);
    TRY_DO(check_members(scope));
    ZoneMask mask;
    for (const std::string& member : scope.include) mask |= *zones_named(member);
    for (const std::string& member : scope.exclude) mask -= *zones_named(member);
    if (mask.empty()) {
      return invalid_resource(fmt::format("Scope '{}' holds no zone of this World.", scope.name));
    }
    scope_masks_.push_back(mask);
  }
  return {};
}

Status World::check_rules() const {
  if (!world_seams.skip_rule_limit) {
    TRY_DO(within(network_.rules.size(), limits::rules_max));
  }
  const std::string* last = nullptr;
  for (const Rule& rule : network_.rules) {
    if (!usable_name(rule.name)) return unusable_name("rule", rule.name);
    if (last && *last == rule.name) return repeated("rule", rule.name);
    last = &rule.name;
    if (rule.from >= rule.until) {
      return invalid_resource(
          fmt::format("Rule '{}' ends no later than it begins, so it never holds.", rule.name));
    }
    TRY_DO(check_places(*this, rule));
  }
  return {};
}

}  // namespace portolan::model
