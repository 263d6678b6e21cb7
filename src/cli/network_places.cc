#include <algorithm>
#include <set>
#include <utility>

#include "cli/network_view.h"
#include "world/suggest.h"

namespace portolan::cli {
namespace {

// Every name that a place of this view has.
std::set<std::string> names_of(const NetworkView& view) {
  std::set<std::string> names;
  for (const auto& [region, zones] : view.regions) {
    names.insert(region.name);
    names.insert("country:" + region.country);
    names.insert(region.groups.begin(), region.groups.end());
    for (const ZoneView& zone : zones) names.insert(zone.name);
  }
  return names;
}

bool lies_in(const model::Region& region, const std::string& place) {
  return region.name == place || "country:" + region.country == place ||
         std::ranges::find(region.groups, place) != region.groups.end();
}

}  // namespace

Result<NetworkView> keep_places(NetworkView view, const std::vector<std::string>& places) {
  const std::set<std::string> names = names_of(view);
  const std::vector<std::string_view> known(names.begin(), names.end());
  for (const std::string& place : places) {
    if (names.contains(place)) continue;
    return Fault{Code::invalid_parameter, Retry::never,
                 "there is no zone, region or group '" + place + "', nor is it country:XX of one." +
                     world::did_you_mean(place, known)};
  }
  if (places.empty()) return view;
  for (auto& [region, zones] : view.regions) {
    std::erase_if(zones, [&](const ZoneView& zone) {
      return std::ranges::none_of(places, [&](const std::string& place) {
        return zone.name == place || lies_in(region, place);
      });
    });
  }
  std::erase_if(view.regions, [&](const RegionView& shown) {
    return shown.zones.empty() && std::ranges::none_of(places, [&](const std::string& place) {
             return lies_in(shown.region, place);
           });
  });
  return view;
}

}  // namespace portolan::cli
