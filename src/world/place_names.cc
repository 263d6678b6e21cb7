#include "world/place_names.h"

#include "world/country.h"

namespace portolan::world {
namespace {

constexpr std::string_view country_prefix = "country:";

}  // namespace

PlaceNames::PlaceNames(const ResourceSet& set) {
  zones_.try_emplace("*");
  set.for_each<model::Region>([&](const auto&, const model::Region& region) {
    zones_.try_emplace(region.name);
    for (const std::string& group : region.groups) {
      zones_.try_emplace(group);
      groups_.insert(group);
    }
  });
  set.for_each<model::Zone>([&](const auto&, const model::Zone& zone) {
    zones_["*"].insert(zone.name);
    zones_[zone.name].insert(zone.name);
    const auto* entry = set.find(Kind::region, zone.region);
    if (!entry) return;
    const auto& region = std::get<model::Region>(entry->resource);
    zones_[region.name].insert(zone.name);
    zones_[std::string(country_prefix) + region.country].insert(zone.name);
    for (const std::string& group : region.groups) zones_[group].insert(zone.name);
  });
}

const PlaceNames::Zones* PlaceNames::find(std::string_view member) const {
  static const Zones none;
  const auto found = zones_.find(member);
  if (found != zones_.end()) return &found->second;
  const bool country =
      member.starts_with(country_prefix) && known_country(member.substr(country_prefix.size()));
  return country ? &none : nullptr;
}

std::vector<std::string_view> PlaceNames::names() const {
  std::vector<std::string_view> names;
  for (const auto& [name, zones] : zones_) names.push_back(name);
  return names;
}

}  // namespace portolan::world
