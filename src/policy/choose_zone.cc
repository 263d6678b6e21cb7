#include "policy/choose_zone.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace portolan::policy {
namespace {

// Great-circle distance by the haversine formula (Sinnott 1984) on a sphere of
// the mean radius of the Earth; good to 0.5 %, which ranks regions well enough.
double distance_km(const model::Region& a, const model::Region& b) {
  constexpr double radius_km = 6371.0;
  constexpr double radians = std::numbers::pi / 180;
  const double north = std::sin((b.latitude - a.latitude) * radians / 2);
  const double east = std::sin((b.longitude - a.longitude) * radians / 2);
  const double h =
      north * north + std::cos(a.latitude * radians) * std::cos(b.latitude * radians) * east * east;
  return 2 * radius_km * std::asin(std::sqrt(std::min(1.0, h)));
}

ZoneChoice rate(const model::World& world, ZoneIndex zone, ZoneIndex here) {
  using Why = ZoneChoice::Why;
  if (zone == here) return {zone, Why::here, 0};
  const RegionIndex region = world.region_of(zone);
  const RegionIndex home = world.region_of(here);
  if (region == home) return {zone, Why::same_region, 0};
  return {zone, Why::nearest, distance_km(world.region(home), world.region(region))};
}

bool before(const ZoneChoice& a, const ZoneChoice& b) {
  return a.why != b.why ? a.why < b.why : a.distance_km < b.distance_km;
}

// The candidates that this request is none of the share of. One draw for all, so
// that the zones of a region that opens are not met more often for being many.
model::ZoneMask beyond_share(const model::World& world, const model::ZoneMask& candidates,
                             Random& random) {
  model::ZoneMask beyond = candidates & world.partial_zones();
  if (beyond.empty()) return beyond;
  const std::uint64_t draw = random.below(100);
  const model::ZoneMask partial = beyond;
  partial.for_each([&](ZoneIndex zone) {
    if (draw < world.zone(zone).share) beyond.remove(zone);
  });
  return beyond;
}

std::optional<ZoneChoice> nearest(const model::World& world, const model::ZoneMask& candidates,
                                  ZoneIndex here, std::span<const ZoneHint> hints, Instant now,
                                  Random& random) {
  std::optional<ZoneChoice> best;
  std::uint64_t equals = 0;
  candidates.for_each([&](ZoneIndex zone) {
    if (zone.value < hints.size() && hints[zone.value].usable_from > now) return;
    const ZoneChoice choice = rate(world, zone, here);
    if (!best || before(choice, *best)) {
      best = choice;
      equals = 1;
    } else if (!before(*best, choice) && random.below(++equals) == 0) {
      best = choice;  // the k-th equal replaces with chance 1/k, so each is kept alike
    }
  });
  return best;
}

}  // namespace

std::string_view name_of(ZoneChoice::Why why) {
  switch (why) {
    case ZoneChoice::Why::here:
      return "here";
    case ZoneChoice::Why::same_region:
      return "same_region";
    case ZoneChoice::Why::nearest:
      return "nearest";
  }
  fail_check("a reason that is not in the closed set", std::source_location::current());
}

std::optional<ZoneChoice> choose_zone(const model::World& world, const model::ZoneMask& candidates,
                                      ZoneIndex here, std::span<const ZoneHint> hints, Instant now,
                                      Random& random) {
  const model::ZoneMask beyond = beyond_share(world, candidates, random);
  const auto choice = nearest(world, candidates - beyond, here, hints, now, random);
  return choice ? choice : nearest(world, beyond, here, hints, now, random);
}

}  // namespace portolan::policy
