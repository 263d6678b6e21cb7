#include "policy/prices_on.h"

namespace portolan::policy {

PricesOn::PricesOn(std::span<const model::PriceBook> books, std::string_view currency,
                   WallTime date) {
  for (const model::PriceBook& book : books) {
    if (book.currency != currency || book.from > date) continue;
    if (book_ == nullptr || book.from > book_->from) book_ = &book;
  }
  if (book_ == nullptr) return;
  for (const model::PriceItem& item : book_->items) {
    const Price price{item.input_per_million, item.output_per_million};
    if (item.regions.empty()) prices_.try_emplace({item.model, std::string_view()}, price);
    for (const std::string& region : item.regions) {
      prices_.try_emplace({item.model, region}, price);
    }
  }
}

std::optional<Price> PricesOn::of(std::string_view model, std::string_view region) const {
  for (const std::string_view place : {region, std::string_view()}) {
    if (const auto found = prices_.find({model, place}); found != prices_.end()) {
      return found->second;
    }
  }
  return std::nullopt;
}

std::set<std::string_view> currencies_of(std::span<const model::PriceBook> books) {
  std::set<std::string_view> currencies;
  for (const model::PriceBook& book : books) currencies.insert(book.currency);
  return currencies;
}

}  // namespace portolan::policy
