#include "world/check_prices.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace portolan::world {
namespace {

constexpr std::uint64_t percent_max = 1000;

void check_currency(const Report& report, std::string_view path, const std::string& currency) {
  const bool upper =
      std::ranges::all_of(currency, [](char letter) { return letter >= 'A' && letter <= 'Z'; });
  if (upper && currency.size() == 3) return;
  report(path, fmt::format("'{}' is no currency; write three upper-case letters of ISO 4217, as in "
                           "USD.",
                           currency.substr(0, 80)));
}

class Priced {
 public:
  explicit Priced(const Report& report) : report_(report) {}

  void add(const model::PriceItem& item, std::size_t index) {
    if (item.regions.empty() && !seen_.emplace(item.model, "").second) {
      report_(
          fmt::format("spec/items/{}/model", index),
          fmt::format("The book has a price of model '{}' for all regions already.", item.model));
    }
    for (std::size_t i = 0; i < item.regions.size(); ++i) {
      if (seen_.emplace(item.model, item.regions[i]).second) continue;
      report_(fmt::format("spec/items/{}/regions/{}", index, i),
              fmt::format("The book has a price of model '{}' in region '{}' already.", item.model,
                          item.regions[i]));
    }
  }

 private:
  const Report& report_;
  std::set<std::pair<std::string_view, std::string_view>> seen_;  // model, region; "": all
};

}  // namespace

void check_price_book(const model::PriceBook& book, const Report& report) {
  check_currency(report, "spec/currency", book.currency);
  if (book.from == model::PriceBook{}.from) {
    report("spec",
           "'spec/from' is missing: the date from which on the prices hold, as in "
           "2026-01-01.");
  }
  if (book.items.size() > model::price_items_max.count()) {
    report("spec/items", fmt::format("The book has {} items; {} is {}.", book.items.size(),
                                     model::price_items_max.name, model::price_items_max.value));
    return;
  }
  Priced priced(report);
  for (std::size_t i = 0; i < book.items.size(); ++i) priced.add(book.items[i], i);
}

void check_price_demand(const model::ParityTarget& target, const Report& report) {
  if (!target.prices) return;
  check_currency(report, "spec/prices/currency", target.prices->currency);
  const auto percent = target.prices->percent_above_cheapest;
  if (percent == model::PriceDemand::any || percent <= percent_max) return;
  report("spec/prices/percent_above_cheapest",
         fmt::format("{} is no bound; {} % above the cheapest is the most.", percent, percent_max));
}

}  // namespace portolan::world
