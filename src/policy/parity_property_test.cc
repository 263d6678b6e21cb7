// Parity against a naive oracle, which works on the raw resources with names.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>

#include "policy/parity.h"
#include "policy/prices_on.h"
#include "policy/random_world_test.h"

namespace portolan::policy {
namespace {

// What one gateway told, by names.
struct Said {
  std::string zone;
  int world = 0;   // 0: none, 1: the newest, 2: the one before it
  int probed = 0;  // 0: not yet, 1: none is healthy, 2: some are
};

struct ParityCase {
  Parts parts;
  Parts before;
  std::vector<Said> said;
  std::vector<model::ParityTarget> targets;
  WallTime now;
};

class ParityCaseMaker {
 public:
  explicit ParityCaseMaker(std::uint64_t seed) : random_(seed) {
    auto drawn = random_case(seed);
    made_.parts = std::move(drawn.parts);
    made_.now = drawn.now;
  }

  ParityCase make() {
    auto& network = made_.parts.network;
    if (chance(0.2)) network.regions.push_back(region("r-empty", "FR", 1, 1));
    for (auto& model : network.models) {
      model.context = 1000 * (1 + random_.below(2));
      model.features = some({"chat", "tools"});
    }
    for (auto& deployment : network.deployments) {
      for (auto& engine : deployment.engines) {
        engine.kind = chance(0.3) ? "plain" : "";
        engine.slots = static_cast<std::uint32_t>(1 + random_.below(3));
      }
    }
    for (auto n = random_.below(3); n > 0; --n) made_.targets.push_back(target(n));
    for (auto n = random_.below(3); n > 0; --n) network.price_books.push_back(book(n));
    made_.before = made_.parts;
    std::erase_if(made_.before.network.deployments, [&](const auto&) { return chance(0.3); });
    for (const auto& zone : network.zones) {
      for (auto n = random_.below(3); n > 0; --n) made_.said.push_back(said(zone.name));
    }
    return std::move(made_);
  }

 private:
  bool chance(double probability) { return random_.chance(probability); }

  std::vector<std::string> some(std::vector<std::string> names) {
    std::erase_if(names, [&](const auto&) { return chance(0.5); });
    return names;
  }

  model::ParityTarget target(std::uint64_t number) {
    model::ParityTarget target;
    target.name = "t" + std::to_string(number);
    target.models = chance(0.5) ? std::vector<std::string>{"*"} : some({"m0", "m1", "m2"});
    target.regions = {chance(0.5) ? "*" : made_.parts.network.regions[0].name, "country:CN"};
    if (chance(0.3)) target.except = {"country:DE"};
    target.features = some({"chat", "vision"});
    target.context = 1000 * random_.below(3);
    target.slots = random_.below(6);
    if (chance(0.5))
      target.prices.emplace("USD", chance(0.3) ? model::PriceDemand::any : 50 * random_.below(3));
    if (chance(0.5)) target.by = WallTime{static_cast<std::int64_t>(random_.below(200))};
    return target;
  }

  // Of few amounts, so that some are equal and some a bound apart.
  model::PriceBook book(std::uint64_t number) {
    model::PriceBook book{"b" + std::to_string(number),
                          chance(0.8) ? "USD" : "EUR",
                          WallTime{static_cast<std::int64_t>(100 * number)},
                          {}};
    for (const auto& model : made_.parts.network.models) {
      if (chance(0.7)) book.items.push_back({model.name, amount(), amount(), {}});
      if (chance(0.5)) {
        const auto& regions = made_.parts.network.regions;
        book.items.push_back(
            {model.name, amount(), amount(), {regions[random_.below(regions.size())].name}});
      }
    }
    return book;
  }

  model::Money amount() { return {static_cast<std::int64_t>(random_.below(4) * 50)}; }

  Said said(const std::string& zone) {
    Said said{zone, static_cast<int>(random_.below(3)), static_cast<int>(random_.below(4))};
    said.probed = std::min(said.probed, 2);
    return said;
  }

  Random random_;
  ParityCase made_;
};

class ParityOracle {
 public:
  explicit ParityOracle(const ParityCase& parity_case) : case_(parity_case) {}

  // "r0 m1 feature chat": "" or why it is missing, for all that is asked.
  std::map<std::string, std::string> rows() const {
    std::map<std::string, std::string> rows;
    auto targets = case_.targets;
    if (targets.empty()) {
      targets.resize(1);
      targets[0].models = targets[0].regions = {"*"};
    }
    for (const auto& target : targets) {
      for (const auto& region : case_.parts.network.regions) {
        if (!in(target.regions, region) || in(target.except, region)) continue;
        for (const auto& model : case_.parts.network.models) {
          if (has(target.models, "*") || has(target.models, model.name)) {
            ask(target, region, model, rows);
          }
        }
      }
    }
    return rows;
  }

 private:
  static bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::count(names, name) > 0;
  }
  static bool in(const std::vector<std::string>& places, const model::Region& region) {
    return has(places, "*") || has(places, region.name) ||
           has(places, "country:" + region.country) ||
           std::ranges::any_of(region.groups, [&](const auto& g) { return has(places, g); });
  }

  void ask(const model::ParityTarget& target, const model::Region& region,
           const model::Model& model, std::map<std::string, std::string>& rows) const {
    const std::string head = region.name + ' ' + model.name + ' ';
    const std::string absent = why_absent(region, model);
    rows[head + "model"] = absent;
    const auto engines = engines_there(region, model);
    for (const auto& f : target.features.empty() ? model.features : target.features) {
      const bool any = std::ranges::any_of(
          engines, [&](const auto& e) { return f != "tools" || e.kind != "plain"; });
      const bool of_model = has(model.features, f);
      rows[head + "feature " + f] = !of_model        ? "model_lacks"
                                    : absent.empty() ? (any ? "" : "engine_lacks")
                                                     : absent;
    }
    const auto context = target.context != 0 ? target.context : model.context;
    std::uint64_t slots = 0;
    for (const auto& engine : engines) slots += engine.slots;
    rows[head + "context " + std::to_string(context)] =
        context > model.context ? "model_lacks" : absent;
    if (target.prices) ask_price(target, region, model, rows);
    if (target.slots != 0) {
      const std::string few = slots < target.slots ? "too_few_slots" : "";
      rows[head + "slots " + std::to_string(target.slots)] = absent.empty() ? few : absent;
    }
  }

  // By the last book that began, an item of the region before one of all.
  std::optional<Price> price_there(const model::Region& region, const model::Model& model) const {
    const model::PriceBook* last = nullptr;
    for (const auto& book : case_.parts.network.price_books) {
      if (book.currency != "USD" || book.from > case_.now) continue;
      if (!last || book.from > last->from) last = &book;
    }
    std::optional<Price> price;
    for (const bool of_region : {false, true}) {
      if (!last) break;
      for (const auto& item : last->items) {
        const bool about = of_region ? has(item.regions, region.name) : item.regions.empty();
        if (item.model == model.name && about) {
          price = {item.input_per_million, item.output_per_million};
        }
      }
    }
    return price;
  }

  void ask_price(const model::ParityTarget& target, const model::Region& region,
                 const model::Model& model, std::map<std::string, std::string>& rows) const {
    const std::string head = region.name + ' ' + model.name + ' ';
    const std::string absent = why_absent(region, model);
    const auto price = price_there(region, model);
    const std::string none = price ? "" : "no_price";
    rows[head + "price USD"] = absent.empty() ? none : absent;
    if (target.prices->percent_above_cheapest == model::PriceDemand::any) return;
    for (const std::string of : {"input_price", "output_price"}) {
      const auto amount = [&](const Price& each) {
        return (of == "input_price" ? each.input_per_million : each.output_per_million).billionths;
      };
      std::optional<std::int64_t> least;
      for (const auto& other : case_.parts.network.regions) {
        if (!in(target.regions, other) || in(target.except, other)) continue;
        const auto there = price_there(other, model);
        if (there) least = std::min(least.value_or(INT64_MAX), amount(*there));
      }
      if (!least) continue;
      const auto percent = static_cast<std::int64_t>(target.prices->percent_above_cheapest);
      const auto most = *least * (100 + percent) / 100;
      const std::string dear = price && amount(*price) > most ? "too_dear" : none;
      rows[head + of + " USD " + std::to_string(most)] = absent.empty() ? dear : absent;
    }
  }

  // The nearest to having it over all gateways of all zones of the region.
  std::string why_absent(const model::Region& region, const model::Model& model) const {
    const std::vector<std::string> ladder = {"no_zone",    "denied_by_rule", "not_deployed",
                                             "restricted", "not_heard",      "no_world",
                                             "not_probed", "unhealthy",      ""};
    std::size_t step = 0;
    for (const auto& zone : case_.parts.network.zones) {
      if (zone.region == region.name) step = std::max(step, step_of(region, zone, model));
    }
    return ladder[step];
  }

  std::size_t step_of(const model::Region& region, const model::Zone& zone,
                      const model::Model& model) const {
    if (!lawful(region, zone, model)) return 1;
    if (!deployed(case_.parts, zone.name, model.name)) return 2;
    const auto& taken = case_.parts.restrictions;
    for (const auto& name : {zone.name, region.name}) {
      if (taken.drained.contains(name) || taken.denied.contains(name)) return 3;
    }
    std::size_t step = 4;
    for (const auto& said : case_.said) {
      if (said.zone != zone.name) continue;
      const bool known =
          said.world == 1 || (said.world == 2 && deployed(case_.before, zone.name, model.name));
      const bool dead = said.probed == 1;
      const std::size_t here = !known ? 5 : said.probed == 0 ? 6 : dead ? 7 : 8;
      step = std::max(step, here);
    }
    return step;
  }

  static bool deployed(const Parts& parts, const std::string& zone, const std::string& model) {
    return std::ranges::any_of(parts.network.deployments, [&](const auto& deployment) {
      return deployment.zone == zone && deployment.model == model;
    });
  }

  bool lawful(const model::Region& region, const model::Zone& zone,
              const model::Model& model) const {
    for (const auto& rule : case_.parts.network.rules) {
      if (!rule.data.empty() || case_.now < rule.from || rule.until <= case_.now) continue;
      bool about = true;
      for (const auto& [name, value] : rule.weights) {
        const auto found = model.labels.find(name);
        about = about && (found == model.labels.end() || found->second == value);
      }
      const bool denies = rule.kind == model::Rule::Kind::deny;
      if (about && denies == listed(rule, region, zone)) return false;
    }
    return true;
  }

  bool listed(const model::Rule& rule, const model::Region& region, const model::Zone& zone) const {
    const auto& places = rule.places;
    if (has(places.country, region.country) || has(places.region, region.name) ||
        has(places.zone, zone.name) ||
        std::ranges::any_of(region.groups, [&](const auto& g) { return has(places.group, g); })) {
      return true;
    }
    if (places.labels.empty()) return false;
    bool met = true;
    for (const auto& [name, value] : places.labels) {
      auto held = region.labels;
      for (const auto& [key, of_zone] : zone.labels) held[key] = of_zone;
      const bool unknown = !held.contains(name);
      met = met && (unknown ? rule.kind == model::Rule::Kind::deny : held[name] == value);
    }
    return met;
  }

  std::vector<model::Engine> engines_there(const model::Region& region,
                                           const model::Model& model) const {
    std::vector<model::Engine> engines;
    for (const auto& deployment : case_.parts.network.deployments) {
      if (deployment.model != model.name) continue;
      for (const auto& zone : case_.parts.network.zones) {
        if (zone.name != deployment.zone || zone.region != region.name) continue;
        if (step_of(region, zone, model) != 8) continue;
        engines.insert(engines.end(), deployment.engines.begin(), deployment.engines.end());
      }
    }
    return engines;
  }

  const ParityCase& case_;
};

std::map<std::string, std::string> measured(const ParityCase& parity_case) {
  const auto view = parity_case.parts.view();
  const auto before = parity_case.before.view();
  const auto gives = [](const model::Engine& engine, std::string_view feature) {
    return feature != "tools" || engine.kind != "plain";
  };
  OfferFacts facts{*view.world, *view.restrictions, gives, {}};
  for (const auto& said : parity_case.said) {
    GatewayTold told{zone_of(view, said.zone), nullptr, {}};
    if (said.world != 0) told.holds = said.world == 1 ? view.world.get() : before.world.get();
    if (said.probed != 0) {
      told.any_healthy = said.probed == 2;
    }
    facts.gateways.push_back(told);
  }
  std::map<std::string, std::string> rows;
  const auto offers = list_offers(facts, parity_case.now);
  for (const auto& row :
       measure_parity(*view.world, parity_case.targets, offers, parity_case.now)) {
    std::string key = view.world->region(row.region).name + ' ' +
                      view.world->model(row.model).name + ' ' + std::string(name_of(row.item.kind));
    if (!row.item.feature.empty()) key += ' ' + row.item.feature;
    if (!row.item.currency.empty()) key += ' ' + row.item.currency;
    if (row.item.amount != 0 || row.item.kind > ParityItem::Kind::price)
      key += ' ' + std::to_string(row.item.amount);
    const bool added = rows.emplace(key, row.missing ? name_of(*row.missing) : "").second;
    RC_ASSERT(added);
    RC_ASSERT(row.rules.empty() == (row.missing != Missing::denied_by_rule));
  }
  return rows;
}

TEST(Parity, IsWhatAPlainReadingOfTheResourcesSays) {
  std::map<std::string, std::size_t> seen;
  EXPECT_TRUE(rc::check([&] {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    for (std::uint64_t i = 0; i < 10; ++i) {
      const auto parity_case = ParityCaseMaker(seed + i).make();
      const auto expected = ParityOracle(parity_case).rows();
      for (const auto& [what, missing] : expected) ++seen[missing];
      RC_ASSERT(measured(parity_case) == expected);
    }
  }));
  // Every reason was met, and having it.
  EXPECT_EQ(seen.size(), 14u);
}

}  // namespace
}  // namespace portolan::policy
