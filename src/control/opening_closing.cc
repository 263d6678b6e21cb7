#include "control/opening_closing.h"

#include <fmt/format.h>

#include <algorithm>

namespace portolan::control {

std::string closing_name(std::string_view opening) { return fmt::format("opening-{}", opening); }

std::string outside_name(std::string_view opening) {
  return fmt::format("opening-{}-outside", opening);
}

model::Rule closing_rule(const model::Opening& opening) {
  model::Rule rule;
  rule.name = closing_name(opening.name);
  rule.kind = model::Rule::Kind::deny;
  rule.data[std::string(probing_label)] = "no";
  if (opening.zone.empty()) {
    rule.places.region = {opening.region};
  } else {
    rule.places.zone = {opening.zone};
  }
  rule.reason = fmt::format("{} {} is being opened and serves nobody before its gates are green",
                            opening.zone.empty() ? "region" : "zone",
                            opening.zone.empty() ? opening.region : opening.zone);
  rule.source = fmt::format("Opening {}", opening.name);
  return rule;
}

model::Scope probing_scope(const model::Network& network, const model::Opening& opening) {
  model::Scope scope;
  scope.name = closing_name(opening.name);
  scope.include = {opening.region};
  const auto zones = zones_of(network, opening);
  if (!opening.zone.empty()) scope.include = {zones.empty() ? opening.zone : zones.front().region};
  scope.entry = model::Entry::anywhere;
  return scope;
}

model::Org probing_org() { return {.name = std::string(probing_org_name)}; }

std::vector<model::Workspace> probing_workspaces(const model::Opening& opening) {
  model::Workspace probing;
  probing.name = closing_name(opening.name);
  probing.org = probing_org_name;
  probing.scopes = {closing_name(opening.name)};
  probing.labels = opening.data;
  probing.labels.erase(std::string(probing_label));
  auto outside = probing;
  outside.name = outside_name(opening.name);
  probing.labels[std::string(probing_label)] = "probe";
  return {std::move(probing), std::move(outside)};
}

std::vector<model::Zone> zones_of(const model::Network& network, const model::Opening& opening) {
  std::vector<model::Zone> zones;
  for (const auto& zone : network.zones) {
    if (opening.zone.empty() ? zone.region == opening.region : zone.name == opening.zone) {
      zones.push_back(zone);
    }
  }
  return zones;
}

std::vector<world::Resource> zones_to_share(const model::Network& network,
                                            const model::Opening& opening, std::uint32_t percent) {
  std::vector<world::Resource> changed;
  for (auto& zone : zones_of(network, opening)) {
    if (zone.share == percent) continue;
    zone.share = percent;
    changed.emplace_back(std::move(zone));
  }
  return changed;
}

bool is_closed_by_rule(const model::Network& network, const model::Opening& opening) {
  const auto wanted = closing_rule(opening);
  return std::ranges::any_of(network.rules, [&](const model::Rule& rule) {
    return rule.name == wanted.name && rule.kind == wanted.kind && rule.weights.empty() &&
           rule.data == wanted.data && rule.places == wanted.places && rule.from == wanted.from &&
           rule.until == wanted.until;
  });
}

std::set<std::string> closed_zones(const world::Contents& contents) {
  std::set<std::string> closed;
  for (const auto& opening : contents.openings) {
    if (!is_closed_by_rule(contents.network, opening)) continue;
    for (const auto& zone : zones_of(contents.network, opening)) closed.insert(zone.name);
  }
  return closed;
}

}  // namespace portolan::control
