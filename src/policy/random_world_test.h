#pragma once

#include <fmt/format.h>

#include "base/random.h"
#include "model/request_facts.h"
#include "policy/small_world_test.h"

// Random networks with one workspace, one key and one request, small enough that
// every set is met by chance and large enough that all differ.
namespace portolan::policy {

struct RandomCase {
  Parts parts;
  std::string key_text;
  std::string scope_header;
  model::RequestFacts facts;
  std::string here;  // a zone
  WallTime now;
};

class RandomCaseMaker {
 public:
  explicit RandomCaseMaker(std::uint64_t seed) : random_(seed) {}

  RandomCase make() {
    make_places();
    make_models();
    make_scopes();
    make_rules();
    make_keyring();
    make_request();
    return case_;
  }

 private:
  using Names = std::vector<std::string>;

  std::string pick(const Names& names) { return names[random_.below(names.size())]; }
  bool chance(double probability) { return random_.chance(probability); }

  Names some(const Names& names, double probability) {
    Names out;
    for (const std::string& name : names) {
      if (chance(probability)) out.push_back(name);
    }
    return out;
  }

  model::Labels maybe_label(const std::string& name, double probability) {
    if (!chance(probability)) return {};
    return {{name, pick({"x", "y"})}};
  }

  void make_places() {
    const auto count = 1 + random_.below(8);
    for (std::uint64_t i = 0; i < count; ++i) {
      model::Region made = region(fmt::format("r{}", i), pick({"CN", "US", "DE", "FR"}),
                                  random_.fraction() * 180 - 90, random_.fraction() * 360 - 180);
      made.groups = some({"g0", "g1"}, 0.4);
      made.labels = maybe_label("place", 0.5);
      regions_.push_back(made.name);
      for (const std::string& group : made.groups) groups_.push_back(group);
      const auto zones = 1 + random_.below(3);
      for (std::uint64_t j = 0; j < zones; ++j) {
        zones_.push_back(fmt::format("{}-{}", made.name, j));
        case_.parts.network.zones.push_back(
            {zones_.back(), made.name, maybe_label("place", 0.2), {}});
      }
      case_.parts.network.regions.push_back(std::move(made));
    }
    members_ = zones_;
    members_.insert(members_.end(), regions_.begin(), regions_.end());
    members_.insert(members_.end(), groups_.begin(), groups_.end());
    for (const char* country : {"country:CN", "country:US", "country:DE", "country:MO"}) {
      members_.emplace_back(country);
    }
  }

  void make_models() {
    for (const std::string name : {"m0", "m1", "m2"}) {
      model::Model made;
      made.name = name;
      made.aliases = {name + "-alias"};
      made.labels = maybe_label("export", 0.6);
      case_.parts.network.models.push_back(made);
      for (const std::string& zone : zones_) {
        if (chance(0.7)) deploy(case_.parts, name, zone);
      }
    }
  }

  void make_scopes() {
    for (int i = 0; i < 4; ++i) {
      model::Scope scope;
      scope.name = fmt::format("s{}", i);
      scope.include = i == 0 || chance(0.3) ? Names{"*"} : some(members_, 0.3);
      if (chance(0.5)) scope.exclude = some(members_, 0.1);
      scope.entry = chance(0.3) ? model::Entry::anywhere : model::Entry::in_scope;
      // A World refuses a scope with no zone.
      case_.parts.network.scopes.push_back(scope);
      if (!model::World::make(case_.parts.network, {}, "")) {
        case_.parts.network.scopes.pop_back();
      } else {
        scopes_.push_back(scope.name);
      }
    }
    if (!scopes_.empty()) return;
    case_.parts.network.scopes.push_back({"s0", {"*"}, {}, model::Entry::in_scope});
    scopes_.emplace_back("s0");
  }

  void make_rules() {
    const auto count = random_.below(4);
    for (std::uint64_t i = 0; i < count; ++i) {
      model::Rule rule;
      rule.name = fmt::format("rule{}", i);
      rule.kind = chance(0.3) ? model::Rule::Kind::require : model::Rule::Kind::deny;
      rule.weights = maybe_label("export", 0.5);
      rule.data = maybe_label("data", 0.5);
      const double listed = rule.kind == model::Rule::Kind::require ? 0.6 : 0.2;
      rule.places.country = some({"CN", "US", "DE", "MO"}, listed);
      rule.places.region = some(regions_, listed / 2);
      rule.places.zone = some(zones_, listed / 2);
      rule.places.group = some(groups_, listed / 2);
      rule.places.labels = maybe_label("place", 0.2);
      if (rule.places == model::Destination{}) rule.places.country = {"CN"};
      if (chance(0.5)) rule.from = WallTime{static_cast<std::int64_t>(random_.below(100))};
      if (chance(0.5)) rule.until = WallTime{static_cast<std::int64_t>(100 + random_.below(100))};
      case_.parts.network.rules.push_back(rule);
    }
  }

  void make_keyring() {
    auto made = workspace("w", {});
    made.scopes = some(scopes_, 0.6);
    if (made.scopes.empty()) made.scopes = {scopes_.front()};
    made.labels = maybe_label("data", 0.6);
    case_.parts.content.orgs = {{"demo"}};
    case_.parts.content.workspaces = {made, workspace("another", {scopes_.front()})};
    const auto key = numbered_key(1);
    case_.key_text = key.text;
    model::KeyRecord record;
    record.id = key.credential.id;
    record.digest = key.credential.digest;
    record.workspace = "w";
    if (chance(0.4)) record.scopes = some(scopes_, 0.7);
    case_.parts.content.keys = {record};
  }

  void make_request() {
    case_.facts.model = pick({"m0", "m1", "m2-alias"});
    if (chance(0.3)) case_.scope_header = pick(scopes_);
    auto& narrowing = case_.facts.narrowing;
    if (chance(0.2)) narrowing.scope = pick(scopes_);
    if (chance(0.3)) narrowing.only = some(members_, 0.4);
    if (chance(0.3)) narrowing.ignore = some(members_, 0.15);
    if (chance(0.05)) narrowing.only.emplace_back("unknown");
    if (chance(0.03)) narrowing.ignore.emplace_back("unknown");
    for (const Names& names : {zones_, regions_}) {
      for (const std::string& name : names) {
        if (chance(0.06)) case_.parts.restrictions.drained.insert(name);
        if (chance(0.06)) case_.parts.restrictions.denied.insert(name);
      }
    }
    case_.here = pick(zones_);
    case_.now = WallTime{static_cast<std::int64_t>(random_.below(220))};
  }

  Random random_;
  RandomCase case_;
  Names zones_, regions_, groups_, members_, scopes_;
};

inline RandomCase random_case(std::uint64_t seed) { return RandomCaseMaker(seed).make(); }

}  // namespace portolan::policy
