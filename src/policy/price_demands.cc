#include "policy/price_demands.h"

#include <algorithm>
#include <cstdint>

namespace portolan::policy {
namespace {

using Kind = ParityItem::Kind;

// Rounded down: what is above it is above the fraction. Never more than Money holds.
std::uint64_t raised(model::Money money, std::uint64_t percent) {
  const auto amount = static_cast<std::uint64_t>(money.billionths);
  const auto whole = amount + amount / 100 * percent + amount % 100 * percent / 100;
  return std::min(whole, std::uint64_t{INT64_MAX});
}

}  // namespace

std::optional<Price> PriceList::of(const std::string& currency, ModelIndex model,
                                   RegionIndex region) {
  const auto& books = world_.network().price_books;
  const auto& prices = by_currency_.try_emplace(currency, books, currency, now_).first->second;
  return prices.of(world_.model(model).name, world_.region(region).name);
}

std::vector<ParityItem> price_items(const model::PriceDemand& demand, ModelIndex model,
                                    const std::vector<RegionIndex>& regions, PriceList& prices) {
  std::vector<ParityItem> items = {{.kind = Kind::price, .currency = demand.currency}};
  if (demand.percent_above_cheapest == model::PriceDemand::any) return items;
  std::optional<Price> cheapest;
  for (const RegionIndex region : regions) {
    const auto price = prices.of(demand.currency, model, region);
    if (!price) continue;
    if (!cheapest) cheapest = price;
    cheapest->input_per_million = std::min(cheapest->input_per_million, price->input_per_million);
    cheapest->output_per_million =
        std::min(cheapest->output_per_million, price->output_per_million);
  }
  if (!cheapest) return items;
  const auto percent = demand.percent_above_cheapest;
  items.push_back({.kind = Kind::input_price,
                   .amount = raised(cheapest->input_per_million, percent),
                   .currency = demand.currency});
  items.push_back({.kind = Kind::output_price,
                   .amount = raised(cheapest->output_per_million, percent),
                   .currency = demand.currency});
  return items;
}

}  // namespace portolan::policy
