#include "policy/zones_of_places.h"

#include <algorithm>

namespace portolan::policy {
namespace {

using model::Rule;

bool listed(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

bool in_a_list(const model::Destination& places, const model::Zone& zone,
               const model::Region& region) {
  return listed(places.country, region.country) || listed(places.region, region.name) ||
         listed(places.zone, zone.name) ||
         std::ranges::any_of(region.groups,
                             [&](const std::string& group) { return listed(places.group, group); });
}

bool has_labels(const model::Labels& asked, const model::Zone& zone, const model::Region& region,
                Rule::Kind kind) {
  if (asked.empty()) return false;
  return std::ranges::all_of(asked, [&](const auto& label) {
    const auto& [name, value] = label;
    if (const auto own = zone.labels.find(name); own != zone.labels.end()) {
      return own->second == value;
    }
    if (const auto inherited = region.labels.find(name); inherited != region.labels.end()) {
      return inherited->second == value;
    }
    return kind == Rule::Kind::deny;
  });
}

}  // namespace

model::ZoneMask zones_of_places(const model::World& world, const model::Destination& places,
                                Rule::Kind kind) {
  model::ZoneMask mask;
  for (std::size_t i = 0; i < world.zone_count(); ++i) {
    const ZoneIndex index{static_cast<std::uint16_t>(i)};
    const model::Zone& zone = world.zone(index);
    const model::Region& region = world.region(world.region_of(index));
    if (in_a_list(places, zone, region) || has_labels(places.labels, zone, region, kind)) {
      mask.add(index);
    }
  }
  return mask;
}

}  // namespace portolan::policy
