#include "policy/entry_urls.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "policy/entry_zones.h"

namespace portolan::policy {
namespace {

using model::ZoneMask;

void add_gateways(std::vector<std::string>& urls, const model::World& world,
                  const ZoneMask& zones) {
  zones.for_each([&](ZoneIndex zone) {
    for (const model::GatewayAddress& gateway : world.zone(zone).gateways) {
      if (!gateway.url.empty()) urls.push_back(gateway.url);
    }
  });
}

// `open` are the zones of `permitted` that take requests now.
std::vector<std::string> front_doors(const model::World& world, const ZoneMask& permitted,
                                     const ZoneMask& open) {
  std::vector<std::string> urls;
  for (std::size_t i = 0; i < world.network().regions.size(); ++i) {
    const RegionIndex region{static_cast<std::uint16_t>(i)};
    const ZoneMask& zones = world.zones_of_region(region);
    const std::string& url = world.region(region).url;
    if ((open & zones).empty()) continue;
    if ((permitted & zones) == zones && !url.empty()) {
      urls.push_back(url);
    } else {
      add_gateways(urls, world, open & zones);
    }
  }
  return urls;
}

}  // namespace

std::vector<std::string> entry_urls(const model::View& view, const Caller& caller,
                                    std::string_view scope_header,
                                    const model::Narrowing& narrowing, WallTime now) {
  if (!view.complete()) return {};
  const auto head = zones_of_head(view, caller, scope_header, now);
  if (!head) return {};
  const auto body = entry_of_body(*view.world, narrowing, head->anywhere);
  if (!body) return {};
  const ZoneMask permitted = head->entry & *body;
  const ZoneMask restricted = model::zones_restricted(*view.world, view.restrictions->drained) |
                              model::zones_restricted(*view.world, view.restrictions->denied);
  return front_doors(*view.world, permitted, permitted - restricted);
}

Fault wrong_region(const model::World& world, ZoneIndex here, std::string_view reason,
                   std::span<const std::string> urls) {
  const std::string advice = urls.empty() ? "No other front door would take it either."
                                          : fmt::format("Send it to: {}", fmt::join(urls, " "));
  return Fault{
      Code::wrong_region, Retry::never,
      fmt::format("The request may not enter in region '{}' (zone '{}'), by {}. {}",
                  world.region(world.region_of(here)).name, world.zone(here).name, reason, advice)};
}

}  // namespace portolan::policy
