#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "policy/parity.h"
#include "policy/prices_on.h"

namespace portolan::policy {

// The prices of a World at one moment, by currency.
class PriceList {
 public:
  PriceList(const model::World& world, WallTime now) : world_(world), now_(now) {}

  std::optional<Price> of(const std::string& currency, ModelIndex model, RegionIndex region);

 private:
  const model::World& world_;
  WallTime now_;
  std::map<std::string, PricesOn> by_currency_;
};

// What a target asks of a model's price in each of these regions: that there is one, and how much
// input and output may cost at most, where some region has a price that others may be held
// against. Whether the model is served in that region is not asked.
std::vector<ParityItem> price_items(const model::PriceDemand& demand, ModelIndex model,
                                    const std::vector<RegionIndex>& regions, PriceList& prices);

}  // namespace portolan::policy
