#include "control/parity_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "dialect/engine_features.h"
#include "policy/prices_on.h"
#include "world/suggest.h"

namespace portolan::control {
namespace {

using Kind = policy::ParityItem::Kind;

// A gateway whose poll was answered may take a moment to ask again.
constexpr Duration silence_allowed = Duration::seconds(5);
// One whose control hangs asks another when its poll has been without an answer for long.
constexpr Duration return_allowed = limits::poll_wait_ms.milliseconds() * 2;

Fault unknown(std::string_view what, std::string_view name,
              const std::vector<std::string_view>& known) {
  return Fault{
      Code::invalid_parameter, Retry::never,
      fmt::format("The World has no {} '{}'.{}", what, name, world::did_you_mean(name, known))};
}

Status check_models(const model::World& world, const std::vector<std::string>& names) {
  std::vector<std::string_view> known;
  for (const auto& model : world.network().models) known.push_back(model.name);
  for (const auto& name : names) {
    if (!world.find_model(name)) return unknown("model", name, known);
  }
  return {};
}

Status check_regions(const model::World& world, const std::vector<std::string>& places) {
  std::set<std::string_view> names;
  for (const auto& region : world.network().regions) {
    names.insert(region.name);
    names.insert(region.groups.begin(), region.groups.end());
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  for (const auto& place : places) {
    const bool is_region = !world.find_zone(place) && world.zones_named(place);
    if (!is_region) return unknown("region or group", place, known);
  }
  return {};
}

// The Worlds that gateways may hold: the newest, and the one before it while that
// is still held.
struct Worlds {
  model::World newest;
  std::optional<model::World> before;
};

// A gateway of a zone that the newest World does not have says nothing of it.
std::vector<policy::GatewayTold> told_by(const ParitySnapshot& snapshot, const Worlds& worlds) {
  std::vector<policy::GatewayTold> told;
  for (const auto& said : snapshot.said) {
    const auto zone = worlds.newest.find_zone(said.zone);
    if (!zone) continue;
    auto& gateway = told.emplace_back(policy::GatewayTold{*zone, nullptr, {}});
    const std::string_view held = said.world ? said.world->hash : std::string_view();
    if (held == worlds.newest.hash()) {
      gateway.holds = &worlds.newest;
    } else if (worlds.before && held == worlds.before->hash()) {
      gateway.holds = &*worlds.before;
    }
    if (said.engines) gateway.any_healthy = said.engines->healthy > 0;
  }
  return told;
}

Result<Worlds> worlds_of(const ParitySnapshot& snapshot) {
  const auto& numbers = snapshot.numbers;
  if (numbers.world == 0) {
    return Fault{Code::resource_not_found, Retry::later,
                 "There is no World yet; apply regions and zones first."};
  }
  const auto& network = snapshot.contents->network;
  const auto cells = network.models.size() * network.regions.size();
  if (cells > parity_cells_max.count()) {
    return Fault{
        Code::limit_exceeded, Retry::never,
        fmt::format("The World has {} models in {} regions; {} is {}.", network.models.size(),
                    network.regions.size(), parity_cells_max.name, parity_cells_max.value)};
  }
  TRY(auto newest, model::World::make(network, numbers.of(numbers.world), numbers.world_hash));
  Worlds worlds{std::move(newest), std::nullopt};
  if (snapshot.before) {
    TRY(worlds.before, model::World::make(snapshot.before->network, {}, snapshot.before_hash));
  }
  return worlds;
}

class Selection {
 public:
  Selection(const model::World& world, const ParityFilter& filter) {
    for (const auto& region : world.network().regions) {
      regions_.push_back(filter.regions.empty() || policy::lies_in(region, filter.regions));
    }
    models_.resize(world.network().models.size(), filter.models.empty());
    for (const auto& name : filter.models) models_[world.find_model(name)->value] = true;
  }
  bool has(RegionIndex region) const { return regions_[region.value]; }
  bool has(ModelIndex model) const { return models_[model.value]; }

 private:
  std::vector<bool> regions_;
  std::vector<bool> models_;
};

// A kind that is not known speaks what OpenAI's API says, as probes believe too.
bool gives_feature(const model::Engine& engine, std::string_view feature) {
  const auto kind = dialect::engine_kind_named(engine.kind);
  return dialect::gives_feature(kind.value_or(dialect::EngineKind::openai), feature);
}

wire::Json names_json(const std::vector<std::string>& names) {
  auto json = wire::Json::array();
  for (const auto& name : names) json.push(name);
  return json;
}

wire::Json offer_json(const model::World& world, const policy::Offer& offer) {
  auto json = wire::Json::object();
  json.set("region", world.region(offer.region).name);
  json.set("has", !offer.missing);
  if (offer.missing) {
    json.set("missing", policy::name_of(*offer.missing));
    json.set("why", policy::sentence_of(*offer.missing));
    json.set("rules", names_json(offer.rules));
  } else {
    json.set("features", names_json(offer.features));
    json.set("slots", offer.slots);
  }
  return json;
}

// What a model costs in a region, in each currency that has a price there.
wire::Json prices_json(const std::vector<policy::PricesOn>& prices, const std::string& model,
                       const std::string& region) {
  auto json = wire::Json::array();
  for (const auto& on : prices) {
    const auto price = on.of(model, region);
    if (!price) continue;
    auto one = wire::Json::object();
    one.set("currency", on.book()->currency);
    one.set("input_per_million", model::render_money(price->input_per_million));
    one.set("output_per_million", model::render_money(price->output_per_million));
    one.set("book", on.book()->name);
    json.push(std::move(one));
  }
  return json;
}

std::vector<policy::PricesOn> prices_now(const model::World& world, WallTime now) {
  const auto& books = world.network().price_books;
  std::vector<policy::PricesOn> prices;
  for (const auto currency : policy::currencies_of(books)) {
    prices.emplace_back(books, currency, now);
  }
  return prices;
}

wire::Json product_json(const model::Model& model) {
  auto json = wire::Json::object();
  json.set("name", model.name);
  json.set("aliases", names_json(model.aliases));
  json.set("context", model.context);
  json.set("features", names_json(model.features));
  json.set("digest", model.digest);
  json.set("regions", wire::Json::array());
  return json;
}

}  // namespace

ParitySnapshot parity_snapshot(const State& state, const GatewayRecords& gateways, WallTime now) {
  ParitySnapshot snapshot{.contents = state.contents,
                          .before = nullptr,
                          .before_hash = "",
                          .numbers = state.numbers,
                          .restrictions = state.restrictions,
                          .said = {},
                          .now = now};
  if (state.rolling_out() && state.before) {
    snapshot.before = state.before;
    snapshot.before_hash = state.rollout->from_hash;
  }
  for (const auto& [id, record] : gateways.by_id()) {
    const Duration silent = record.connected() ? Duration() : now - record.seen;
    if (silent > silence_allowed) {
      if (!record.lost || silent > return_allowed) snapshot.silent_zones.insert(record.said.zone);
      continue;
    }
    snapshot.said.push_back({record.said.zone, record.said.world, record.said.engines});
  }
  return snapshot;
}

std::set<std::string> unheard_regions(const ParitySnapshot& snapshot, bool told) {
  std::set<std::string> unheard;
  for (const auto& region : snapshot.contents->network.regions) unheard.insert(region.name);
  for (const auto& zone : snapshot.contents->network.zones) {
    for (const auto& said : snapshot.said) {
      if (said.zone == zone.name) unheard.erase(zone.region);
    }
    if (told && snapshot.silent_zones.contains(zone.name)) unheard.erase(zone.region);
  }
  return unheard;
}

Result<ParityReport> report_parity(const ParitySnapshot& snapshot, const ParityFilter& filter) {
  TRY(const auto worlds, worlds_of(snapshot));
  const model::World& world = worlds.newest;
  TRY_DO(check_regions(world, filter.regions));
  TRY_DO(check_models(world, filter.models));
  const Selection selection(world, filter);
  const policy::OfferFacts facts{world, snapshot.restrictions, gives_feature,
                                 told_by(snapshot, worlds)};
  const auto offers = policy::list_offers(facts, snapshot.now);
  std::vector<policy::ParityShare> shares(world.network().regions.size());
  ParityReport report;
  std::optional<std::pair<std::pair<RegionIndex, ModelIndex>, std::size_t>> absent;
  for (auto& row :
       policy::measure_parity(world, snapshot.contents->parity_targets, offers, snapshot.now)) {
    if (!selection.has(row.region) || !selection.has(row.model)) continue;
    shares[row.region.value].add(row, snapshot.now);
    if (!row.missing) continue;
    // The model's own row comes before those of what it has, and that of a price before those
    // of how high it is.
    const auto cell = std::pair(row.region, row.model);
    if (absent && absent->first == cell && report.gaps[absent->second].missing == row.missing) {
      ++report.gaps[absent->second].items;
      continue;
    }
    if (row.item.kind == Kind::model || row.item.kind == Kind::price) {
      absent = {cell, report.gaps.size()};
    }
    report.gaps.push_back({world.region(row.region).name, world.model(row.model).name, row.item,
                           *row.missing, row.found, 1, std::move(row.rules), std::move(row.target),
                           row.by, row.overdue(snapshot.now)});
  }
  for (std::uint16_t i = 0; i < shares.size(); ++i) {
    if (selection.has(RegionIndex{i}))
      report.regions.emplace_back(world.region({i}).name, shares[i]);
  }
  return report;
}

Result<policy::Catalogue> report_offers(const ParitySnapshot& snapshot) {
  TRY(const auto worlds, worlds_of(snapshot));
  const policy::OfferFacts facts{worlds.newest, snapshot.restrictions, gives_feature,
                                 told_by(snapshot, worlds)};
  return policy::catalogue_of(worlds.newest, policy::list_offers(facts, snapshot.now));
}

Result<wire::Json> report_products(const ParitySnapshot& snapshot, const ParityFilter& filter) {
  TRY(const auto worlds, worlds_of(snapshot));
  const model::World& world = worlds.newest;
  TRY_DO(check_regions(world, filter.regions));
  TRY_DO(check_models(world, filter.models));
  const Selection selection(world, filter);
  const policy::OfferFacts facts{world, snapshot.restrictions, gives_feature,
                                 told_by(snapshot, worlds)};
  std::vector<wire::Json> products;
  for (const auto& model : world.network().models) products.push_back(product_json(model));
  const auto prices = prices_now(world, snapshot.now);
  for (const auto& offer : policy::list_offers(facts, snapshot.now)) {
    if (!selection.has(offer.region) || !selection.has(offer.model)) continue;
    auto json = offer_json(world, offer);
    auto there =
        prices_json(prices, world.model(offer.model).name, world.region(offer.region).name);
    if (!there.as_array()->empty()) json.set("prices", std::move(there));
    products[offer.model.value].find("regions")->push(std::move(json));
  }
  auto list = wire::Json::array();
  for (std::uint32_t i = 0; i < products.size(); ++i) {
    if (selection.has(ModelIndex{i})) list.push(std::move(products[i]));
  }
  return list;
}

}  // namespace portolan::control
