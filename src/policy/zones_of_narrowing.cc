#include "policy/zones_of_narrowing.h"

#include <fmt/format.h>

#include "policy/sentence.h"

namespace portolan::policy {

Result<model::ZoneMask> zones_of_narrowing(const model::World& world,
                                           std::span<const std::string> only,
                                           std::span<const std::string> ignore) {
  model::ZoneMask zones;
  if (only.empty()) zones = model::ZoneMask::all(world.zone_count());
  for (const std::string& member : only) {
    if (const auto named = world.zones_named(member)) zones |= *named;
  }
  for (const std::string& member : ignore) {
    const auto named = world.zones_named(member);
    if (!named) {
      return refuse(Code::scope_denied,
                    fmt::format("The request's 'ignore' names {}, which is no zone, region, group "
                                "or country:XX; it could mean any zone, so none is left.",
                                in_quotes(member)));
    }
    zones -= *named;
  }
  return zones;
}

}  // namespace portolan::policy
