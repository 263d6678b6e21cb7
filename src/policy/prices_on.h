#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "model/price_book.h"

namespace portolan::policy {

struct Price {
  model::Money input_per_million;
  model::Money output_per_million;
  friend bool operator==(const Price&, const Price&) = default;
};

// The prices of one currency that hold on one date: those of the book that began last. In that
// book an item of a region comes before one of all regions. `books` outlive this.
class PricesOn {
 public:
  PricesOn(std::span<const model::PriceBook> books, std::string_view currency, WallTime date);

  // Null before the first book of that currency.
  const model::PriceBook* book() const { return book_; }
  std::optional<Price> of(std::string_view model, std::string_view region) const;

 private:
  const model::PriceBook* book_ = nullptr;
  std::map<std::pair<std::string_view, std::string_view>, Price> prices_;  // region "": all
};

std::set<std::string_view> currencies_of(std::span<const model::PriceBook> books);

}  // namespace portolan::policy
