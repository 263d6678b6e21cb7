#include "policy/parity.h"

#include <algorithm>
#include <map>
#include <source_location>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "policy/price_demands.h"

namespace portolan::policy {
namespace {

using Kind = ParityItem::Kind;
using Wanted = std::tuple<RegionIndex, ModelIndex, ParityItem>;
using Deadline = std::pair<WallTime, std::string>;  // a date, and the target that sets it

// Every model in every region, as it is, by no date.
model::ParityTarget implied_target() {
  model::ParityTarget target;
  target.models = {"*"};
  target.regions = {"*"};
  return target;
}

std::vector<ParityItem> items_of(const model::ParityTarget& target, const model::Model& model) {
  std::vector<ParityItem> items = {{Kind::model}};
  for (const auto& feature : target.features.empty() ? model.features : target.features) {
    items.push_back({Kind::feature, feature});
  }
  items.push_back({Kind::context, "", target.context ? target.context : model.context});
  if (target.slots) items.push_back({Kind::slots, "", target.slots});
  return items;
}

std::vector<RegionIndex> regions_of(const model::World& world, const model::ParityTarget& target) {
  std::vector<RegionIndex> regions;
  for (std::uint16_t i = 0; i < world.network().regions.size(); ++i) {
    const auto& region = world.region({i});
    if (lies_in(region, target.regions) && !lies_in(region, target.except)) regions.push_back({i});
  }
  return regions;
}

void add_target(const model::World& world, const model::ParityTarget& target, PriceList& prices,
                std::map<Wanted, Deadline>& wanted) {
  const auto& network = world.network();
  const auto regions = regions_of(world, target);
  for (std::uint32_t i = 0; i < network.models.size(); ++i) {
    const auto& model = network.models[i];
    const bool asked = std::ranges::any_of(
        target.models, [&](const auto& name) { return name == "*" || name == model.name; });
    if (!asked) continue;
    auto items = items_of(target, model);
    if (target.prices) {
      for (auto& item : price_items(*target.prices, {i}, regions, prices)) {
        items.push_back(std::move(item));
      }
    }
    for (const RegionIndex region : regions) {
      for (const auto& item : items) {
        const Deadline deadline{target.by, target.name};
        const auto [at, added] = wanted.try_emplace({region, {i}, item}, deadline);
        if (!added) at->second = std::min(at->second, deadline);
      }
    }
  }
}

// What no region can have, because the model has not.
bool beyond_model(const ParityItem& item, const model::Model& model) {
  if (item.kind == Kind::context) return item.amount > model.context;
  return item.kind == Kind::feature &&
         std::ranges::find(model.features, item.feature) == model.features.end();
}

std::uint64_t found_of(const ParityItem& item, const Offer& offer, const model::Model& model,
                       const std::optional<Price>& price) {
  switch (item.kind) {
    case Kind::model:
    case Kind::feature:
      return 0;
    case Kind::context:
      return model.context;
    case Kind::slots:
      return offer.slots;
    case Kind::price:
      return 0;
    case Kind::input_price:
      return price ? static_cast<std::uint64_t>(price->input_per_million.billionths) : 0;
    case Kind::output_price:
      return price ? static_cast<std::uint64_t>(price->output_per_million.billionths) : 0;
  }
  fail_check("a kind that is not in the closed set", std::source_location::current());
}

// `found` is found_of(); `priced`: a book says what the model costs there.
std::optional<Missing> missing_of(const ParityItem& item, const Offer& offer,
                                  const model::Model& model, std::uint64_t found, bool priced) {
  if (beyond_model(item, model)) return Missing::model_lacks;
  if (offer.missing) return offer.missing;
  if (is_price(item.kind)) {
    if (!priced) return Missing::no_price;
    return found > item.amount ? std::optional(Missing::too_dear) : std::nullopt;
  }
  if (item.kind == Kind::slots && offer.slots < item.amount) return Missing::too_few_slots;
  if (item.kind != Kind::feature) return std::nullopt;
  const bool has = std::ranges::find(offer.features, item.feature) != offer.features.end();
  return has ? std::nullopt : std::optional(Missing::engine_lacks);
}

}  // namespace

bool lies_in(const model::Region& region, const std::vector<std::string>& places) {
  return std::ranges::any_of(places, [&](const std::string& place) {
    return place == "*" || place == region.name || place == "country:" + region.country ||
           std::ranges::find(region.groups, place) != region.groups.end();
  });
}

std::vector<ParityRow> measure_parity(const model::World& world,
                                      const std::vector<model::ParityTarget>& targets,
                                      const std::vector<Offer>& offers, WallTime now) {
  const auto& network = world.network();
  std::map<Wanted, Deadline> wanted;
  PriceList prices(world, now);
  for (const auto& target : targets) add_target(world, target, prices, wanted);
  if (targets.empty()) add_target(world, implied_target(), prices, wanted);
  std::vector<ParityRow> rows;
  rows.reserve(wanted.size());
  for (auto& [what, deadline] : wanted) {
    const auto& [region, model, item] = what;
    const auto& offer = offers[model.value * network.regions.size() + region.value];
    const auto price = is_price(item.kind) ? prices.of(item.currency, model, region) : std::nullopt;
    ParityRow row{region, model, item, {}, 0, {}, deadline.second, deadline.first};
    row.found = found_of(item, offer, world.model(model), price);
    row.missing = missing_of(item, offer, world.model(model), row.found, price.has_value());
    if (row.missing == Missing::denied_by_rule) row.rules = offer.rules;
    rows.push_back(std::move(row));
  }
  return rows;
}

void ParityShare::add(const ParityRow& row, WallTime now) {
  ++wanted;
  if (!row.missing) ++has;
  if (row.overdue(now)) ++overdue;
}

bool is_price(ParityItem::Kind kind) { return kind >= Kind::price; }

std::string_view name_of(ParityItem::Kind kind) {
  switch (kind) {
    case Kind::model:
      return "model";
    case Kind::feature:
      return "feature";
    case Kind::context:
      return "context";
    case Kind::slots:
      return "slots";
    case Kind::price:
      return "price";
    case Kind::input_price:
      return "input_price";
    case Kind::output_price:
      return "output_price";
  }
  fail_check("a kind that is not in the closed set", std::source_location::current());
}

}  // namespace portolan::policy
