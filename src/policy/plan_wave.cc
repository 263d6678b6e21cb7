#include "policy/plan_wave.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>

namespace portolan::policy {
namespace {

using Zones = std::span<const WaveZone>;

std::size_t choose_first(Zones zones) {
  const auto rank = [&](std::size_t at) {
    const WaveZone& zone = zones[at];
    return std::tuple(!zone.connected, !zone.touched, UINT64_MAX - zone.requests,
                      std::string_view(zone.name));
  };
  std::size_t best = 0;
  for (std::size_t at = 1; at < zones.size(); ++at) {
    if (rank(at) < rank(best)) best = at;
  }
  return best;
}

// Of those that are not released.
std::vector<std::size_t> zones_of(Zones zones, std::string_view region) {
  std::vector<std::size_t> found;
  for (std::size_t at = 0; at < zones.size(); ++at) {
    if (!zones[at].released && zones[at].region == region) found.push_back(at);
  }
  return found;
}

// A region that is released in part, or one of the regions that have nothing yet
// when all that is released is one zone alone in its region.
std::optional<std::string_view> lone_region(Zones zones) {
  std::set<std::string_view> begun;
  std::size_t released = 0;
  for (const WaveZone& zone : zones) {
    if (!zone.released) continue;
    begun.insert(zone.region);
    ++released;
  }
  const WaveZone* next = nullptr;
  for (const WaveZone& zone : zones) {
    if (zone.released) continue;
    if (begun.contains(zone.region)) return zone.region;
    if (next == nullptr ||
        std::tuple(!zone.connected, zone.region) < std::tuple(!next->connected, next->region)) {
      next = &zone;
    }
  }
  if (released != 1 || next == nullptr) return std::nullopt;
  return next->region;
}

}  // namespace

std::vector<std::size_t> plan_wave(Zones zones) {
  const bool begun = std::ranges::any_of(zones, &WaveZone::released);
  if (!begun) return zones.empty() ? std::vector<std::size_t>() : std::vector{choose_first(zones)};
  if (const auto region = lone_region(zones)) return zones_of(zones, *region);
  std::map<std::string_view, std::string_view> of_group;
  for (const WaveZone& zone : zones) {
    if (zone.released) continue;
    const auto [chosen, is_new] = of_group.emplace(zone.failure_group, zone.region);
    if (!is_new) chosen->second = std::min<std::string_view>(chosen->second, zone.region);
  }
  std::vector<std::size_t> wave;
  for (const auto& [group, region] : of_group) {
    const auto found = zones_of(zones, region);
    wave.insert(wave.end(), found.begin(), found.end());
  }
  std::ranges::sort(wave);
  return wave;
}

}  // namespace portolan::policy
