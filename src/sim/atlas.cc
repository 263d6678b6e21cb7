#include "sim/atlas.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "virtual/virtual_shard.h"

namespace portolan::sim {
namespace {

constexpr std::size_t edition_count = 3;
constexpr std::string_view model_resource = R"(---
kind: Org
metadata: {name: demo}
---
kind: Model
metadata: {name: chat}
spec:
  digest: "sha256:b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
  context: 4096
  features: [chat, completions, stream]
  labels: {export-class: open}
)";

std::string any_zone(const Atlas& atlas, Random& random) {
  return atlas.zones[random.below(atlas.zones.size())].name;
}
std::string any_region(const Atlas& atlas, Random& random) {
  return atlas.regions[random.below(atlas.regions.size())].name;
}

std::string another_zone(const Atlas& atlas, const std::string& than, Random& random) {
  for (;;) {
    std::string zone = any_zone(atlas, random);
    if (zone != than) return zone;
  }
}

std::vector<AtlasScope> draw_scopes(const Atlas& atlas, Random& random) {
  const std::size_t left_out = random.below(atlas.regions.size());
  const std::string one = any_zone(atlas, random);
  const std::string country = "country:" + atlas.regions[left_out].country;
  const std::string region_out = random.chance(0.5) ? country : atlas.regions[left_out].name;
  return {{.name = "everywhere", .include = {"*"}, .exclude = {}, .anywhere = false},
          {.name = "eu", .include = {"eu"}, .exclude = {}, .anywhere = true},
          {.name = "not-a-region",
           .include = {"*"},
           .exclude = {region_out},
           .anywhere = random.chance(0.5)},
          {.name = "not-a-zone",
           .include = {"*"},
           .exclude = {any_zone(atlas, random)},
           .anywhere = true},
          {.name = "two-zones",
           .include = {one, another_zone(atlas, one, random)},
           .exclude = {},
           .anywhere = random.chance(0.5)},
          {.name = "shifting", .include = {}, .exclude = {}, .anywhere = true}};
}

// Wholly seconds, while clients ask.
WallTime draw_date(Random& random) {
  return virtual_time::first_day + Duration::seconds(8 + static_cast<std::int64_t>(random.below(20)));
}

std::vector<AtlasRule> draw_rules(const Atlas& atlas, Random& random) {
  const WallTime personal_from = draw_date(random);
  const WallTime region_from = draw_date(random);
  return {{.name = "personal-data-stays",
           .denied_region = {},
           .required_group = "eu",
           .data_class = "personal",
           .from = personal_from,
           .until = {}},
          {.name = "no-weights-there",
           .denied_region = any_region(atlas, random),
           .required_group = {},
           .data_class = {},
           .from = region_from,
           .until = region_from + Duration::seconds(1 + static_cast<std::int64_t>(
                                                            random.below(10)))}};
}

std::string render_region(const Atlas& atlas, std::size_t at) {
  const AtlasRegion& region = atlas.regions[at];
  std::size_t door = 0;
  while (atlas.zones[door].region != at) ++door;
  return fmt::format(
      "---\napiVersion: portolan/v1\nkind: Region\nmetadata: {{name: {}}}\n"
      "spec: {{country: {}, latitude: {}, longitude: {}, groups: [{}], url: \"http://{}:8000\"}}\n",
      region.name, region.country, region.latitude, region.longitude, region.group,
      gateway_name(door));
}

std::string render_zone(const Atlas& atlas, std::size_t at) {
  const AtlasZone& zone = atlas.zones[at];
  std::string text = fmt::format(
      "---\nkind: Zone\nmetadata: {{name: {0}}}\nspec:\n  region: {1}\n  gateways:\n"
      "    - {{id: {2}, url: \"http://{2}:8000\", hop: \"{2}:8001\"}}\n",
      zone.name, atlas.regions[zone.region].name, gateway_name(at));
  if (zone.deployed) {
    text += fmt::format(
        "---\nkind: Deployment\nmetadata: {{name: chat.{0}}}\n"
        "spec: {{model: chat, zone: {0}, engines: "
        "[{{kind: llama.cpp, url: \"http://{1}:9000\", slots: 16}}]}}\n",
        zone.name, engine_name(at));
  }
  return text;
}

std::string render_scope(const AtlasScope& scope) {
  return fmt::format(
      "---\nkind: Scope\nmetadata: {{name: {}}}\n"
      "spec: {{include: [\"{}\"], exclude: [{}], entry: {}}}\n",
      scope.name, fmt::join(scope.include, "\", \""), fmt::join(scope.exclude, ", "),
      scope.anywhere ? "anywhere" : "in-scope");
}

// Of the first day.
std::string render_date(WallTime date) {
  const std::int64_t second = (date - virtual_time::first_day).ns / 1'000'000'000;
  return fmt::format("2026-01-01T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60);
}

std::string render_rule(const AtlasRule& rule) {
  const std::string subject = rule.data_class.empty()
                                  ? "weights: {export-class: open}"
                                  : fmt::format("data: {{data-class: {}}}", rule.data_class);
  const std::string body =
      rule.denied_region.empty()
          ? fmt::format("require: {{{}, in: {{group: [{}]}}}}", subject, rule.required_group)
          : fmt::format("deny: {{{}, to: {{region: [{}]}}}}", subject, rule.denied_region);
  const std::string until = rule.until ? fmt::format(" until: {},", render_date(*rule.until)) : "";
  return fmt::format(
      "---\nkind: Rule\nmetadata: {{name: {}}}\n"
      "spec: {{{}, from: {},{} reason: \"it was drawn\", source: \"a seed\"}}\n",
      rule.name, body, render_date(rule.from), until);
}

}  // namespace

std::string gateway_name(std::size_t zone) {
  return fmt::format("gateway-{}", static_cast<char>('a' + zone));
}
std::string engine_name(std::size_t zone) {
  return fmt::format("engine-{}", static_cast<char>('a' + zone));
}

Atlas draw_atlas(Random& random) {
  Atlas atlas;
  atlas.regions = {{"north", "DE", "eu", 50.1, 8.7},
                   {"south", "SG", "apac", 1.4, 103.8},
                   {"west", "US", "americas", 37.5, -77.4}};
  for (std::size_t region = 0; region < atlas.regions.size(); ++region) {
    const std::size_t zones = 1 + random.below(2);
    for (std::size_t i = 0; i < zones; ++i) {
      const std::string name = fmt::format("zone-{}", static_cast<char>('a' + atlas.zones.size()));
      atlas.zones.push_back({name, region, true});
    }
  }
  // A region of two zones can do without one engine.
  AtlasZone& zone = atlas.zones[random.below(atlas.zones.size())];
  const auto same_region = std::ranges::count(atlas.zones, zone.region, &AtlasZone::region);
  if (atlas.zones.size() > 4 && same_region == 2) zone.deployed = false;
  const std::vector<AtlasScope> scopes = draw_scopes(atlas, random);
  for (std::size_t edition = 0; edition < edition_count; ++edition) {
    atlas.editions.push_back(scopes);
    AtlasScope& shifting = atlas.editions.back().back();
    shifting.include = {any_region(atlas, random), any_zone(atlas, random)};
  }
  for (const AtlasScope& scope : scopes) {
    atlas.workspaces.push_back({scope.name, {scope.name}, "public"});
  }
  atlas.workspaces.push_back({"union", {"eu", "two-zones"}, "personal"});
  atlas.rules = draw_rules(atlas, random);
  return atlas;
}

std::string render_atlas(const Atlas& atlas, std::size_t edition) {
  std::string text;
  for (std::size_t i = 0; i < atlas.regions.size(); ++i) text += render_region(atlas, i);
  for (std::size_t i = 0; i < atlas.zones.size(); ++i) text += render_zone(atlas, i);
  for (const AtlasScope& scope : atlas.editions[edition]) text += render_scope(scope);
  for (const AtlasWorkspace& workspace : atlas.workspaces) {
    text += fmt::format(
        "---\nkind: Workspace\nmetadata: {{name: {}, org: demo}}\n"
        "spec: {{scopes: [{}], labels: {{data-class: {}}}}}\n",
        workspace.name, fmt::join(workspace.scopes, ", "), workspace.data_class);
  }
  for (const AtlasRule& rule : atlas.rules) text += render_rule(rule);
  return text + std::string(model_resource);
}

}  // namespace portolan::sim
