#pragma once

#include <algorithm>
#include <set>
#include <string>

#include "policy/random_world_test.h"

// The masks once more, from the raw resources with sets of names. It shares no
// code with what it judges: slow, and plain enough to be checked by reading.
namespace portolan::policy {

class Oracle {
 public:
  explicit Oracle(const RandomCase& random_case) : case_(random_case) {}

  // Which parts of the mask to leave out, to see whether they matter.
  struct Without {
    bool rules = false;
    bool narrowing = false;
    bool restrictions = false;
  };

  std::set<std::string> zones(Without without) const {
    std::set<std::string> out;
    for (const auto& zone : case_.parts.network.zones) {
      const bool in = in_head(zone) && deployed(zone) && (without.rules || lawful(zone, true)) &&
                      (without.narrowing || in_narrowing(zone)) &&
                      (without.restrictions || !restricted(zone));
      if (in) out.insert(zone.name);
    }
    return out;
  }

  bool may_enter_by_head(const model::Zone& here) const {
    bool any = false;
    for (const auto& zone : case_.parts.network.zones) {
      any = any || (in_head(zone) && lawful(zone, false));
    }
    return any && front_door_in(workspace().scopes, here) &&
           (key().scopes.empty() || front_door_in(key().scopes, here)) &&
           (case_.scope_header.empty() || front_door_in({case_.scope_header}, here)) &&
           lawful(here, false);
  }

  bool may_enter_by_body(const model::Zone& here) const {
    const auto& narrowing = case_.facts.narrowing;
    const auto same_region = [&](auto&& holds) {
      return std::ranges::any_of(case_.parts.network.zones, [&](const auto& zone) {
        return zone.region == here.region && holds(zone);
      });
    };
    const bool in_scope = narrowing.scope.empty() || same_region([&](const auto& zone) {
                            return front_door_in({narrowing.scope}, zone);
                          });
    const bool anywhere = opens(workspace().scopes) &&
                          (key().scopes.empty() || opens(key().scopes)) &&
                          (case_.scope_header.empty() || opens({case_.scope_header}));
    return in_scope &&
           (anywhere || same_region([&](const auto& zone) { return in_lists(zone); })) &&
           lawful(here, false);
  }

  bool restricted(const model::Zone& zone) const {
    const auto& [version, revoked, drained, denied, machines] = case_.parts.restrictions;
    return drained.contains(zone.name) || drained.contains(zone.region) ||
           denied.contains(zone.name) || denied.contains(zone.region);
  }

  const model::Zone& zone(const std::string& name) const {
    return *std::ranges::find(case_.parts.network.zones, name, &model::Zone::name);
  }

 private:
  using Names = std::vector<std::string>;

  const model::Workspace& workspace() const { return case_.parts.content.workspaces[0]; }
  const model::KeyRecord& key() const { return case_.parts.content.keys[0]; }
  const model::Region& region_of(const model::Zone& zone) const {
    return *std::ranges::find(case_.parts.network.regions, zone.region, &model::Region::name);
  }
  static bool has(const Names& names, const std::string& name) {
    return std::ranges::count(names, name) > 0;
  }

  bool is_member(const std::string& member, const model::Zone& zone) const {
    const auto& region = region_of(zone);
    return member == "*" || member == zone.name || member == region.name ||
           has(region.groups, member) || member == "country:" + region.country;
  }
  bool any_member(const Names& members, const model::Zone& zone) const {
    return std::ranges::any_of(members, [&](const auto& m) { return is_member(m, zone); });
  }

  const model::Scope& scope(const std::string& name) const {
    return *std::ranges::find(case_.parts.network.scopes, name, &model::Scope::name);
  }
  bool in_scopes(const Names& names, const model::Zone& zone) const {
    return std::ranges::any_of(names, [&](const auto& name) {
      return any_member(scope(name).include, zone) && !any_member(scope(name).exclude, zone);
    });
  }
  bool opens(const Names& names) const {
    return std::ranges::any_of(
        names, [&](const auto& name) { return scope(name).entry == model::Entry::anywhere; });
  }
  bool front_door_in(const Names& names, const model::Zone& zone) const {
    return opens(names) || in_scopes(names, zone);
  }

  bool in_head(const model::Zone& zone) const {
    return in_scopes(workspace().scopes, zone) &&
           (key().scopes.empty() || in_scopes(key().scopes, zone)) &&
           (case_.scope_header.empty() || in_scopes({case_.scope_header}, zone));
  }
  bool in_lists(const model::Zone& zone) const {
    const auto& narrowing = case_.facts.narrowing;
    return (narrowing.only.empty() || any_member(narrowing.only, zone)) &&
           !any_member(narrowing.ignore, zone) && !has(narrowing.ignore, "unknown");
  }
  bool in_narrowing(const model::Zone& zone) const {
    const auto& scope_name = case_.facts.narrowing.scope;
    return in_lists(zone) && (scope_name.empty() || in_scopes({scope_name}, zone));
  }

  const model::Model& asked_model() const {
    return *std::ranges::find_if(case_.parts.network.models, [&](const auto& model) {
      return model.name == case_.facts.model || has(model.aliases, case_.facts.model);
    });
  }
  bool deployed(const model::Zone& zone) const {
    return std::ranges::any_of(case_.parts.network.deployments, [&](const auto& deployment) {
      return deployment.zone == zone.name && deployment.model == asked_model().name;
    });
  }

  static bool meets(const model::Labels& asked, const model::Labels& held) {
    for (const auto& [name, value] : asked) {
      if (held.count(name) == 1 && held.at(name) != value) return false;
    }
    return true;
  }
  bool lawful(const model::Zone& zone, bool with_weights) const {
    for (const auto& rule : case_.parts.network.rules) {
      if (case_.now < rule.from || case_.now >= rule.until) continue;
      if (!meets(rule.data, workspace().labels)) continue;
      if (with_weights ? !meets(rule.weights, asked_model().labels) : !rule.weights.empty()) {
        continue;
      }
      const bool denies = rule.kind == model::Rule::Kind::deny;
      if (is_place(rule.places, zone, denies) == denies) return false;
    }
    return true;
  }
  bool is_place(const model::Destination& places, const model::Zone& zone,
                bool if_unclassified) const {
    const auto& region = region_of(zone);
    for (const auto& group : region.groups) {
      if (has(places.group, group)) return true;
    }
    if (has(places.country, region.country) || has(places.region, region.name) ||
        has(places.zone, zone.name)) {
      return true;
    }
    if (places.labels.empty()) return false;
    const std::string& value = places.labels.at("place");
    if (zone.labels.count("place") == 1) return zone.labels.at("place") == value;
    if (region.labels.count("place") == 1) return region.labels.at("place") == value;
    return if_unclassified;
  }

  const RandomCase& case_;
};

}  // namespace portolan::policy
