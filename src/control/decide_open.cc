#include "control/decide_open.h"

#include <fmt/format.h>

#include <algorithm>

#include "control/opening_closing.h"
#include "control/resource_version.h"
#include "world/resource_text.h"
#include "world/validate.h"

namespace portolan::control {
namespace {

// `opening-<name>-outside` is a name, too.
constexpr std::size_t name_bytes_max = 47;

Fault invalid(std::string sentence) {
  return {Code::invalid_parameter, Retry::never, std::move(sentence)};
}

Result<model::Opening> the_opening(const std::vector<world::Resource>& resources) {
  const model::Opening* found = nullptr;
  for (const auto& resource : resources) {
    const auto* opening = std::get_if<model::Opening>(&resource);
    if (opening == nullptr) continue;
    if (found != nullptr) {
      return invalid(
          fmt::format("The file has the Openings '{}' and '{}'; one file opens one "
                      "place. Write a file for each.",
                      found->name, opening->name));
    }
    found = opening;
  }
  if (found == nullptr) {
    return invalid(
        "The file has no document of kind Opening, which says what region or zone it opens.");
  }
  if (found->name.size() <= name_bytes_max) return *found;
  return invalid(
      fmt::format("The Opening's name has {} bytes; at most {} are taken, because its "
                  "rule, scope and workspaces are called after it.",
                  found->name.size(), name_bytes_max));
}

// What is there already and open to everybody is not opened.
Status check_closed(const model::Network& stored, const model::Opening& opening) {
  if (zones_of(stored, opening).empty() || is_closed_by_rule(stored, opening)) return {};
  const bool of_region = opening.zone.empty();
  const auto& place = of_region ? opening.region : opening.zone;
  return Fault{
      Code::resource_conflict, Retry::never,
      fmt::format("{} '{}' serves already; 'portolan {} drain {}' takes it out of service.",
                  of_region ? "Region" : "Zone", place, of_region ? "region" : "zone", place)};
}

Status check_zones(const model::Network& network, const model::Opening& opening) {
  if (!zones_of(network, opening).empty()) return {};
  return invalid(
      fmt::format("Region '{}' has no zone, so there is nothing to open. Write its zones "
                  "into the same file.",
                  opening.region));
}

void put(std::vector<world::Resource>& resources, world::Resource resource) {
  const auto same = [&](const world::Resource& other) {
    return world::kind_of(other) == world::kind_of(resource) &&
           world::name_of(other) == world::name_of(resource);
  };
  const auto found = std::ranges::find_if(resources, same);
  if (found != resources.end()) {
    *found = std::move(resource);
  } else {
    resources.push_back(std::move(resource));
  }
}

std::uint32_t share_of(const model::Network& stored, const std::string& zone) {
  const auto found = std::ranges::find(stored.zones, zone, &model::Zone::name);
  return found == stored.zones.end() ? 1 : found->share;
}

}  // namespace

Result<DecidedOpen> decide_open(const world::Contents& contents, const OpenRequest& request,
                                bool shares) {
  DecidedOpen decided;
  std::string text = request.text;
  world::ProblemList problems;
  // Who applies it holds them against what is stored.
  take_resource_versions(request.source, text, problems);
  decided.problems = problems.take_sorted();
  auto validation = world::validate({{request.source, std::move(text)}}, contents);
  std::ranges::move(validation.problems, std::back_inserter(decided.problems));
  if (!decided.problems.empty()) return decided;
  TRY(decided.opening, the_opening(validation.changed));
  const auto& opening = decided.opening;
  const auto& stored = contents.network;
  const auto& network = validation.contents.network;
  if (!shares) TRY_DO(check_closed(stored, opening));
  TRY_DO(check_zones(network, opening));
  const auto zones = zones_of(network, opening);
  decided.region = zones.front().region;
  auto resources = std::move(validation.changed);
  if (shares) {
    for (auto zone : zones) {
      zone.share = share_of(stored, zone.name);
      put(resources, std::move(zone));
    }
    decided.text = world::render_yaml(resources);
    return decided;
  }
  for (auto& zone : zones_to_share(network, opening, 1)) put(resources, std::move(zone));
  put(resources, closing_rule(opening));
  put(resources, probing_scope(network, opening));
  decided.text = world::render_yaml(resources);
  return decided;
}

}  // namespace portolan::control
