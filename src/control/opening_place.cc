#include "control/opening_place.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "model/world.h"

namespace portolan::control {
namespace {

using model::Opening;
using world::Contents;

Fault gone(std::string_view what, std::string_view name) {
  return {Code::resource_not_found, Retry::never, fmt::format("There is no {} '{}'.", what, name)};
}

template <class T>
const T* find_named(const std::vector<T>& resources, std::string_view name) {
  const auto found = std::ranges::find(resources, name, &T::name);
  return found == resources.end() ? nullptr : &*found;
}

std::vector<std::string> zones_in(const Contents& contents, std::string_view region) {
  std::vector<std::string> zones;
  for (const auto& zone : contents.network.zones) {
    if (zone.region == region) zones.push_back(zone.name);
  }
  return zones;
}

std::vector<std::string> names_in(const model::World& world, const model::ZoneMask& zones) {
  std::vector<std::string> names;
  zones.for_each([&](ZoneIndex zone) { names.push_back(world.zone(zone).name); });
  std::ranges::sort(names);
  return names;
}

// The zones of which that name speaks: it is a zone's or a region's.
Result<std::vector<std::string>> zones_called(const Contents& contents, const std::string& name) {
  if (find_named(contents.network.zones, name) != nullptr) return std::vector{name};
  if (find_named(contents.network.regions, name) != nullptr) return zones_in(contents, name);
  return gone("zone or region", name);
}

Result<std::vector<std::string>> named_neighbours(const Contents& contents, const Opening& opening,
                                                  const OpeningPlace& place) {
  std::set<std::string> zones;
  for (const auto& name : opening.neighbours) {
    TRY(const auto called, zones_called(contents, name));
    zones.insert(called.begin(), called.end());
  }
  for (const auto& zone : place.zones) zones.erase(zone);
  return std::vector<std::string>(zones.begin(), zones.end());
}

}  // namespace

Result<OpeningPlace> place_of(const Contents& contents, const Opening& opening) {
  if (!opening.zone.empty()) {
    const auto* zone = find_named(contents.network.zones, opening.zone);
    if (zone == nullptr) return gone("zone", opening.zone);
    return OpeningPlace{zone->region, {zone->name}};
  }
  if (find_named(contents.network.regions, opening.region) == nullptr) {
    return gone("region", opening.region);
  }
  OpeningPlace place{opening.region, zones_in(contents, opening.region)};
  if (!place.zones.empty()) return place;
  return Fault{Code::resource_not_found, Retry::never,
               fmt::format("Region '{}' has no zone, so there is nothing to open.", place.region)};
}

Result<std::vector<std::string>> neighbours_of(const Contents& contents, const Opening& opening,
                                               const OpeningPlace& place) {
  if (!opening.neighbours.empty()) return named_neighbours(contents, opening, place);
  TRY(const auto world, model::World::make(contents.network, {}, {}));
  model::ZoneMask own;
  for (const auto& name : place.zones) {
    if (const auto zone = world.find_zone(name)) own.add(*zone);
  }
  model::ZoneMask near;
  for (const auto& scope : contents.network.scopes) {
    const auto zones = world.zones_of_scope(*world.find_scope(scope.name));
    if (!(zones & own).empty()) near |= zones;
  }
  return names_in(world, near - own);
}

Result<std::vector<std::string>> zones_of_scope(const Contents& contents, std::string_view scope) {
  TRY(const auto world, model::World::make(contents.network, {}, {}));
  const auto found = world.find_scope(scope);
  if (!found) return gone("scope", scope);
  return names_in(world, world.zones_of_scope(*found));
}

}  // namespace portolan::control
