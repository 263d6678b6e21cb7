#include "sim/oracle.h"

#include <algorithm>

#include "base/check.h"

namespace portolan::sim {
namespace {

bool binds(const AtlasRule& rule, WallTime date) {
  return date >= rule.from && (!rule.until || date < *rule.until);
}

}  // namespace

bool Oracle::is_member(const std::string& member, std::size_t zone) const {
  const AtlasRegion& region = atlas_.regions[atlas_.zones[zone].region];
  return member == "*" || member == atlas_.zones[zone].name || member == region.name ||
         member == region.group || member == "country:" + region.country;
}

bool Oracle::in_any(const Names& members, std::size_t zone) const {
  return std::ranges::any_of(members, [&](const auto& one) { return is_member(one, zone); });
}

const AtlasScope& Oracle::scope(const std::string& name) const {
  const auto& scopes = atlas_.editions[edition_];
  const auto found = std::ranges::find(scopes, name, &AtlasScope::name);
  check(found != scopes.end(), "an atlas has the scopes that it names");
  return *found;
}

const AtlasWorkspace& Oracle::workspace(const std::string& name) const {
  const auto found = std::ranges::find(atlas_.workspaces, name, &AtlasWorkspace::name);
  check(found != atlas_.workspaces.end(), "requests are of workspaces that there are");
  return *found;
}

bool Oracle::in_scopes(const Names& scopes, std::size_t zone) const {
  return std::ranges::any_of(scopes, [&](const auto& name) {
    return in_any(scope(name).include, zone) && !in_any(scope(name).exclude, zone);
  });
}

bool Oracle::opens(const Names& scopes) const {
  return std::ranges::any_of(scopes, [&](const auto& name) { return scope(name).anywhere; });
}

bool Oracle::in_lists(const Question& question, std::size_t zone) const {
  return (question.only.empty() || in_any(question.only, zone)) && !in_any(question.ignore, zone);
}

bool Oracle::lawful(const AtlasRule& rule, std::size_t zone) const {
  const AtlasRegion& region = atlas_.regions[atlas_.zones[zone].region];
  if (!rule.denied_region.empty()) return region.name != rule.denied_region;
  return region.group == rule.required_group;
}

bool Oracle::allows(const Question& question, std::size_t zone, WallTime date) const {
  const AtlasWorkspace& asker = workspace(question.workspace);
  if (!atlas_.zones[zone].deployed || !in_scopes(asker.scopes, zone)) return false;
  if (!question.scope.empty() && !in_scopes({question.scope}, zone)) return false;
  if (!in_lists(question, zone)) return false;
  return std::ranges::all_of(atlas_.rules, [&](const AtlasRule& rule) {
    const bool is_subject = rule.data_class.empty() || rule.data_class == asker.data_class;
    return !binds(rule, date) || !is_subject || lawful(rule, zone);
  });
}

bool Oracle::lets_in(const Question& question, std::size_t door, WallTime date) const {
  const AtlasWorkspace& asker = workspace(question.workspace);
  const bool by_workspace = opens(asker.scopes) || in_scopes(asker.scopes, door);
  const bool by_header = question.scope.empty() || opens({question.scope}) ||
                         in_scopes({question.scope}, door);
  const bool open =
      opens(asker.scopes) && (question.scope.empty() || opens({question.scope}));
  if (!by_workspace || !by_header || (!open && !in_lists(question, door))) return false;
  return std::ranges::all_of(atlas_.rules, [&](const AtlasRule& rule) {
    const bool is_subject = !rule.data_class.empty() && rule.data_class == asker.data_class;
    return !binds(rule, date) || !is_subject || lawful(rule, door);
  });
}

}  // namespace portolan::sim
