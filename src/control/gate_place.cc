#include "control/gate_place.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

namespace portolan::control {
namespace {

constexpr std::size_t names_shown = 5;

void add_zone(const OpeningFacts& facts, const model::Zone& zone, GatedPlace& place) {
  if (!is_among(facts.zones, zone.name)) {
    place.elsewhere.push_back(&zone);
    return;
  }
  place.zones.push_back(&zone);
  for (const auto& address : zone.gateways) place.gateways.push_back({&zone, &address});
}

}  // namespace

std::string GatedPlace::Gateway::subject() const {
  return fmt::format("gateway {} in {}", address->id, zone->name);
}

bool GatedPlace::has_zone(std::string_view name) const {
  return is_among(zones, name, &model::Zone::name);
}

GatedPlace gated_place(const OpeningFacts& facts) {
  GatedPlace place;
  if (!facts.contents) return place;
  const auto& network = facts.contents->network;
  const auto region = std::ranges::find(network.regions, facts.region, &model::Region::name);
  if (region != network.regions.end()) place.region = &*region;
  for (const auto& zone : network.zones) add_zone(facts, zone, place);
  for (const auto& deployment : network.deployments) {
    if (place.has_zone(deployment.zone)) place.deployments.push_back(&deployment);
  }
  return place;
}

std::string place_subject(const OpeningFacts& facts) {
  return facts.opening.zone.empty() ? "region " + facts.region : "zone " + facts.opening.zone;
}

const model::Model* model_named(const OpeningFacts& facts, std::string_view name) {
  if (!facts.contents) return nullptr;
  const auto& models = facts.contents->network.models;
  const auto found = std::ranges::find(models, name, &model::Model::name);
  return found == models.end() ? nullptr : &*found;
}

const GatewayLook* look_of(const OpeningFacts& facts, std::string_view gateway) {
  const auto found = std::ranges::find(facts.looks, gateway, &GatewayLook::gateway);
  return found == facts.looks.end() ? nullptr : &*found;
}

const GatewayHeard* heard_of(const OpeningFacts& facts, std::string_view gateway) {
  const auto found = std::ranges::find(facts.heard, gateway, &GatewayHeard::gateway);
  return found == facts.heard.end() ? nullptr : &*found;
}

const Inspected* found_by(const OpeningFacts& facts, const GatedPlace::Gateway& gateway,
                          GateVerdict& verdict) {
  const GatewayLook* look = look_of(facts, gateway.address->id);
  if (look != nullptr && look->found) return &*look->found;
  const bool told = look != nullptr && !look->why.empty();
  add_finding(verdict, gateway.subject(),
              fmt::format("It was not heard of what it sees: {}. See that it runs and that control "
                          "reaches its hop address {}.",
                          told ? clause(look->why) : "it was not asked", gateway.address->hop));
  return nullptr;
}

bool has_gateways(const OpeningFacts& facts, const GatedPlace& place, GateVerdict& verdict) {
  if (!place.gateways.empty()) return true;
  add_finding(verdict, place_subject(facts),
              "It has no gateway. Write gateways into its zones, and start them.");
  return false;
}

void add_finding(GateVerdict& verdict, std::string subject, std::string sentence) {
  GateFinding finding{std::move(subject), std::move(sentence)};
  if (is_among(verdict.findings, finding)) return;
  verdict.findings.push_back(std::move(finding));
}

std::string some_of(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), names_shown);
  std::string text = fmt::format("{}", fmt::join(std::span(names).first(shown), ", "));
  if (shown < names.size()) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

std::string_view clause(std::string_view said) {
  while (said.ends_with('.') || said.ends_with(' ')) said.remove_suffix(1);
  return said;
}

std::string probe_subject(const FrontDoorProbe& probe) {
  return fmt::format("model {} at {}{}", probe.model, probe.door,
                     probe.streamed ? ", streamed" : "");
}

std::string failure_of(const FrontDoorProbe& probe) {
  const auto because = [&](std::string_view text) {
    return probe.why.empty() ? std::string(text) : fmt::format("{}: {}", text, clause(probe.why));
  };
  if (probe.status == 0) return because("nothing came back");
  if (probe.status != 200) {
    return because(fmt::format("{} {}", probe.status, probe.code.empty() ? "?" : probe.code));
  }
  if (!probe.whole || !probe.why.empty()) return because("the answer is not whole");
  return {};
}

}  // namespace portolan::control
