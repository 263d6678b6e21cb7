#pragma once

#include "world/check_resource.h"

namespace portolan::world {

// What can be said of prices alone: currencies, a date, and that no book says two prices of one
// thing.
void check_price_book(const model::PriceBook& book, const Report& report);
void check_price_demand(const model::ParityTarget& target, const Report& report);

}  // namespace portolan::world
