#include "world/check_references.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>

#include "base/limits.h"
#include "model/world_seams.h"
#include "world/place_names.h"
#include "world/suggest.h"

namespace portolan::world {
namespace {

using Entry = ResourceSet::Entry;

// One pass over the set; each function checks one kind of resource.
class Checker {
 public:
  Checker(const ResourceSet& set, ProblemList& problems)
      : set_(set), problems_(problems), places_(set) {}

  void check_all() {
    check_limits();
    each(&Checker::check_region);
    each(&Checker::check_zone);
    each(&Checker::note_model);
    each(&Checker::check_aliases);
    each(&Checker::check_deployment);
    each(&Checker::check_scope);
    each(&Checker::check_rule);
    each(&Checker::check_workspace);
    each(&Checker::check_parity_target);
    each(&Checker::check_opening);
    each(&Checker::check_price_book);
  }

 private:
  // What is stored comes first, so that of two that clash the new one is blamed.
  template <class T>
  void each(void (Checker::*check)(const Entry&, const T&)) {
    for (const bool is_new : {false, true}) {
      set_.for_each<T>([&](const Entry& entry, const T& value) {
        if (entry.document.has_value() == is_new) (this->*check)(entry, value);
      });
    }
  }

  void report(const Entry& entry, std::string_view path, std::string sentence) {
    ResourceSet::report(problems_, entry, path, std::move(sentence));
  }

  // That a resource of that kind and name exists. An empty name is reported
  // where it is missing.
  void expect(const Entry& entry, std::string_view path, Kind kind, std::string_view name) {
    if (name.empty() || set_.find(kind, name)) return;
    report(entry, path,
           fmt::format("There is no {} '{}'.{}", name_of(kind), name,
                       problems_.full() ? "" : did_you_mean(name, set_.names(kind))));
  }

  void check_limits();
  void check_region(const Entry& entry, const model::Region& region);
  void check_zone(const Entry& entry, const model::Zone& zone);
  void note_model(const Entry& entry, const model::Model& model);
  void check_aliases(const Entry& entry, const model::Model& model);
  void check_deployment(const Entry& entry, const model::Deployment& deployment);
  void check_scope(const Entry& entry, const model::Scope& scope);
  void check_rule(const Entry& entry, const model::Rule& rule);
  void check_workspace(const Entry& entry, const model::Workspace& workspace);
  void check_parity_target(const Entry& entry, const model::ParityTarget& target);
  void check_opening(const Entry& entry, const model::Opening& opening);
  void check_price_book(const Entry& entry, const model::PriceBook& book);

  const ResourceSet& set_;
  ProblemList& problems_;
  PlaceNames places_;
  std::map<std::string_view, const Entry*> gateways_;
  std::map<std::string_view, const Entry*> models_;  // by name, then by alias too
  std::map<std::pair<std::string_view, std::string_view>, const Entry*> deployed_;
  std::map<std::pair<std::string_view, WallTime>, const Entry*> books_;  // by currency and date
};

void Checker::check_limits() {
  const auto within = [&](Kind kind, const Limit& limit) {
    const auto names = set_.names(kind);
    if (names.size() <= limit.count()) return;
    report(*set_.find(kind, names[limit.count()]), "metadata/name",
           fmt::format("There are {} resources of kind {}; {} is {}.", names.size(), name_of(kind),
                       limit.name, limit.value));
  };
  within(Kind::region, limits::regions_max);
  within(Kind::zone, limits::zones_max);
  if (!model::world_seams.skip_rule_limit) within(Kind::rule, limits::rules_max);
  within(Kind::parity_target, model::parity_targets_max);
  within(Kind::opening, model::openings_max);
  within(Kind::price_book, model::price_books_max);
  for (const Kind kind : {Kind::model, Kind::deployment, Kind::scope, Kind::org, Kind::workspace}) {
    within(kind, limits::resources_max);
  }
}

void Checker::check_region(const Entry& entry, const model::Region& region) {
  for (std::size_t i = 0; i < region.groups.size(); ++i) {
    for (const Kind kind : {Kind::region, Kind::zone}) {
      const auto* other = set_.find(kind, region.groups[i]);
      if (!other) continue;
      report(entry, fmt::format("spec/groups/{}", i),
             fmt::format("The group '{}' has the name of a {}, at {}; a scope could mean either.",
                         region.groups[i], name_of(kind), ResourceSet::where(*other)));
    }
  }
}

void Checker::check_zone(const Entry& entry, const model::Zone& zone) {
  expect(entry, "spec/region", Kind::region, zone.region);
  if (const auto* region = set_.find(Kind::region, zone.name)) {
    report(entry, "metadata/name",
           fmt::format("The zone has the name of the Region at {}; a scope could mean either.",
                       ResourceSet::where(*region)));
  }
  for (std::size_t i = 0; i < zone.gateways.size(); ++i) {
    const auto [at, added] = gateways_.emplace(zone.gateways[i].id, &entry);
    if (added) continue;
    report(entry, fmt::format("spec/gateways/{}/id", i),
           fmt::format("The gateway '{}' is written twice, first in the Zone at {}.",
                       zone.gateways[i].id, ResourceSet::where(*at->second)));
  }
}

void Checker::note_model(const Entry& entry, const model::Model& model) {
  models_.emplace(model.name, &entry);
}

void Checker::check_aliases(const Entry& entry, const model::Model& model) {
  for (std::size_t i = 0; i < model.aliases.size(); ++i) {
    const auto [at, added] = models_.emplace(model.aliases[i], &entry);
    if (added) continue;
    report(entry, fmt::format("spec/aliases/{}", i),
           fmt::format("'{}' already names the Model at {}.", model.aliases[i],
                       ResourceSet::where(*at->second)));
  }
}

void Checker::check_deployment(const Entry& entry, const model::Deployment& deployment) {
  expect(entry, "spec/model", Kind::model, deployment.model);
  expect(entry, "spec/zone", Kind::zone, deployment.zone);
  const auto [at, added] = deployed_.emplace(
      std::pair(std::string_view(deployment.model), std::string_view(deployment.zone)), &entry);
  if (added) return;
  report(entry, "spec/zone",
         fmt::format("Model '{}' is already deployed in zone '{}', at {}; put the engines into one "
                     "Deployment.",
                     deployment.model, deployment.zone, ResourceSet::where(*at->second)));
}

void Checker::check_scope(const Entry& entry, const model::Scope& scope) {
  PlaceNames::Zones zones;
  bool known = true;
  const auto look_up = [&](const std::string& member, std::string_view list, std::size_t i) {
    const auto* found = places_.find(member);
    if (found) return *found;
    known = false;
    report(entry, fmt::format("spec/{}/{}", list, i),
           fmt::format("There is no zone, region or group '{}', nor is it country:XX or *.{}",
                       member, did_you_mean(member, places_.names())));
    return PlaceNames::Zones{};
  };
  for (std::size_t i = 0; i < scope.include.size(); ++i) {
    zones.merge(look_up(scope.include[i], "include", i));
  }
  for (std::size_t i = 0; i < scope.exclude.size(); ++i) {
    for (const auto zone : look_up(scope.exclude[i], "exclude", i)) zones.erase(zone);
  }
  if (zones.empty() && known && !scope.include.empty()) {
    report(entry, "spec/include", fmt::format("The scope '{}' holds no zone.", scope.name));
  }
}

void Checker::check_rule(const Entry& entry, const model::Rule& rule) {
  const auto base = rule.kind == model::Rule::Kind::deny ? "spec/deny/to" : "spec/require/in";
  for (std::size_t i = 0; i < rule.places.group.size(); ++i) {
    const std::string& group = rule.places.group[i];
    if (places_.is_group(group)) continue;
    report(entry, fmt::format("{}/group/{}", base, i),
           fmt::format("No region is in a group '{}'.{}", group,
                       did_you_mean(group, places_.groups())));
  }
  for (std::size_t i = 0; i < rule.places.region.size(); ++i) {
    expect(entry, fmt::format("{}/region/{}", base, i), Kind::region, rule.places.region[i]);
  }
  for (std::size_t i = 0; i < rule.places.zone.size(); ++i) {
    expect(entry, fmt::format("{}/zone/{}", base, i), Kind::zone, rule.places.zone[i]);
  }
}

void Checker::check_workspace(const Entry& entry, const model::Workspace& workspace) {
  expect(entry, "metadata/org", Kind::org, workspace.org);
  for (std::size_t i = 0; i < workspace.scopes.size(); ++i) {
    expect(entry, fmt::format("spec/scopes/{}", i), Kind::scope, workspace.scopes[i]);
  }
}

void Checker::check_parity_target(const Entry& entry, const model::ParityTarget& target) {
  for (std::size_t i = 0; i < target.models.size(); ++i) {
    if (target.models[i] == "*") continue;
    expect(entry, fmt::format("spec/models/{}", i), Kind::model, target.models[i]);
  }
  std::set<std::string_view> features;
  set_.for_each<model::Model>([&](const auto&, const model::Model& model) {
    features.insert(model.features.begin(), model.features.end());
  });
  const std::vector<std::string_view> known(features.begin(), features.end());
  for (std::size_t i = 0; i < target.features.size(); ++i) {
    if (features.contains(target.features[i])) continue;
    report(entry, fmt::format("spec/features/{}", i),
           fmt::format("No model has a feature '{}'.{}", target.features[i],
                       did_you_mean(target.features[i], known)));
  }
  std::vector<std::string_view> places;
  for (const auto place : places_.names()) {
    if (!set_.find(Kind::zone, place)) places.push_back(place);
  }
  const auto check_places = [&](const std::vector<std::string>& members, std::string_view list) {
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (places_.find(members[i]) && !set_.find(Kind::zone, members[i])) continue;
      report(entry, fmt::format("spec/{}/{}", list, i),
             fmt::format("There is no region or group '{}', nor is it country:XX or *.{}",
                         members[i], did_you_mean(members[i], places)));
    }
  };
  check_places(target.regions, "regions");
  check_places(target.except, "except");
}

void Checker::check_opening(const Entry& entry, const model::Opening& opening) {
  expect(entry, "spec/region", Kind::region, opening.region);
  expect(entry, "spec/zone", Kind::zone, opening.zone);
  for (std::size_t i = 0; i < opening.round_trips.size(); ++i) {
    expect(entry, fmt::format("spec/round_trips/{}/to", i), Kind::region,
           opening.round_trips[i].to);
  }
  auto known = set_.names(Kind::region);
  for (const std::string_view zone : set_.names(Kind::zone)) known.push_back(zone);
  for (std::size_t i = 0; i < opening.neighbours.size(); ++i) {
    const std::string& place = opening.neighbours[i];
    if (set_.find(Kind::region, place) || set_.find(Kind::zone, place)) continue;
    report(entry, fmt::format("spec/neighbours/{}", i),
           fmt::format("There is no region or zone '{}'.{}", place, did_you_mean(place, known)));
  }
}

void Checker::check_price_book(const Entry& entry, const model::PriceBook& book) {
  for (std::size_t i = 0; i < book.items.size(); ++i) {
    const model::PriceItem& item = book.items[i];
    expect(entry, fmt::format("spec/items/{}/model", i), Kind::model, item.model);
    for (std::size_t j = 0; j < item.regions.size(); ++j) {
      expect(entry, fmt::format("spec/items/{}/regions/{}", i, j), Kind::region, item.regions[j]);
    }
  }
  const auto [at, added] =
      books_.emplace(std::pair(std::string_view(book.currency), book.from), &entry);
  if (added) return;
  report(entry, "spec/from",
         fmt::format("The PriceBook at {} is of {} and begins on that day too; which of the two "
                     "holds would be chance.",
                     ResourceSet::where(*at->second), book.currency));
}

}  // namespace

void check_references(const ResourceSet& set, ProblemList& problems) {
  Checker(set, problems).check_all();
}

}  // namespace portolan::world
