#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/random.h"
#include "base/time.h"
#include "model/world.h"

namespace portolan::policy {

// What attempts have taught about a zone. Only a hint: stale, it costs time.
struct ZoneHint {
  Instant usable_from{INT64_MIN};  // it failed or was full; passed over until then
};

struct ZoneChoice {
  enum class Why : std::uint8_t { here, same_region, nearest };

  ZoneIndex zone;
  Why why = Why::here;
  double distance_km = 0;  // between the two regions
};

std::string_view name_of(ZoneChoice::Why why);

// The zone to try next: `here`, then one of its region, then the nearest by great
// circle between regions; equals are drawn by chance, so that a region's zones
// share what comes from afar. A zone with a share below 100 is passed over by the
// rest of the requests, unless nothing else is left. `hints` is by ZoneIndex; a zone beyond its end
// has no hint.
//
// Nothing when all candidates are empty or passed over. A caller that has tried
// no zone yet asks again with no hints: a hint must not refuse a request.
std::optional<ZoneChoice> choose_zone(const model::World& world, const model::ZoneMask& candidates,
                                      ZoneIndex here, std::span<const ZoneHint> hints, Instant now,
                                      Random& random);

}  // namespace portolan::policy
