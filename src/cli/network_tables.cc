#include "cli/network_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>

#include "cli/table.h"

namespace portolan::cli {
namespace {

std::string render_share(const Share& share) { return fmt::format("{}/{}", share.some, share.all); }

std::string render_engines(const Share& engines, bool known) {
  if (engines.all == 0) return "-";
  return known ? render_share(engines) : fmt::format("?/{}", engines.all);
}

std::string render_world(const std::optional<HeldWorld>& world) {
  if (!world) return "-";
  if (!world->behind) return fmt::format("{}, of another epoch", world->number);
  return *world->behind == 0 ? std::to_string(world->number)
                             : fmt::format("{}, {} behind", world->number, *world->behind);
}

std::string render_seen(const std::optional<Duration>& ago) {
  if (!ago) return "never";
  const std::int64_t seconds = ago->milliseconds() / 1000;
  if (seconds < 1) return "now";
  if (seconds < 120) return fmt::format("{} s ago", seconds);
  if (seconds < 120 * 60) return fmt::format("{} min ago", seconds / 60);
  return fmt::format("{} h ago", seconds / 3600);
}

std::vector<ZoneView> zones_of(const NetworkView& view) {
  std::vector<ZoneView> zones;
  for (const RegionView& region : view.regions) {
    zones.insert(zones.end(), region.zones.begin(), region.zones.end());
  }
  return zones;
}

std::string plural(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

// The columns that do not fit; then all in one line; then what is refused.
void append_end(std::string& text, const NetworkView& view,
                const std::vector<std::string>& left_out, std::size_t columns) {
  const auto out = std::back_inserter(text);
  if (!left_out.empty()) {
    fmt::format_to(out, "\n{} columns have no room for {}; a wider window or -o json has.", columns,
                   fmt::join(left_out, ", "));
  }
  const Total total = total_of(zones_of(view));
  fmt::format_to(out, "\n{}, {}, {} well", plural(view.regions.size(), "region"),
                 plural(total.zones.all, "zone"), total.zones.some);
  fmt::format_to(out, "; {} of {} seen, World {}\n", total.gateways.some,
                 plural(total.gateways.all, "gateway"), view.world);
  for (const auto& [gateway, sentence] : view.refusals) {
    fmt::format_to(out, "{} refuses {}\n", gateway, sentence);
  }
}

void append_trouble(std::string& text, const NetworkView& view) {
  Table table({"NOT WELL", "STATE", "SEEN"});
  bool any = false;
  for (const ZoneView& zone : zones_of(view)) {
    if (zone.well()) continue;
    any = true;
    table.add({zone.name, std::string(name_of(zone.state)), render_seen(zone.seen)});
  }
  if (any) text += "\n" + table.render();
}

}  // namespace

std::string render_regions(const NetworkView& view, std::size_t columns) {
  Table table({"NAME", "CITY", "COUNTRY", "GROUPS", "ZONES", "GATEWAYS", "ENGINES", "MODELS",
               "WORLD", "URL"});
  for (const auto& [region, zones] : view.regions) {
    const Total total = total_of(zones);
    table.add({region.name, region.city.empty() ? "-" : region.city, region.country,
               region.groups.empty() ? "-" : fmt::format("{}", fmt::join(region.groups, ",")),
               render_share(total.zones), render_share(total.gateways),
               render_engines(total.engines, total.engines_known),
               std::to_string(total.models.size()), render_world(total.world),
               region.url.empty() ? "-" : region.url});
  }
  const auto left_out =
      table.narrow(columns, {"URL", "GATEWAYS", "MODELS", "GROUPS", "CITY", "WORLD"});
  std::string text = table.render();
  append_trouble(text, view);
  append_end(text, view, left_out, columns);
  return text;
}

std::string render_zones(const NetworkView& view, std::size_t columns) {
  Table table({"NAME", "REGION", "CITY", "COUNTRY", "STATE", "GATEWAYS", "ENGINES", "MODELS",
               "WORLD", "SEEN"});
  for (const auto& [region, zones] : view.regions) {
    for (const ZoneView& zone : zones) {
      table.add({zone.name, region.name, region.city.empty() ? "-" : region.city, region.country,
                 std::string(name_of(zone.state)), render_share(zone.gateways),
                 render_engines(zone.engines, zone.engines_known),
                 std::to_string(zone.models.size()), render_world(zone.world),
                 render_seen(zone.seen)});
    }
  }
  const auto left_out =
      table.narrow(columns, {"CITY", "COUNTRY", "MODELS", "GATEWAYS", "REGION", "WORLD"});
  std::string text = table.render();
  append_end(text, view, left_out, columns);
  return text;
}

}  // namespace portolan::cli
