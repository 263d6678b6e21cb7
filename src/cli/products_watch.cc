#include "cli/products_watch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/products_view.h"

namespace portolan::cli {
namespace {

using Offer = Catalogue::Offer;

bool all_in(const std::vector<std::string>& some, const std::vector<std::string>& all) {
  return std::ranges::all_of(
      some, [&](const auto& each) { return std::ranges::find(all, each) != all.end(); });
}

// The word for it and what more there is to say; an empty word where nothing changed.
std::pair<std::string, std::string> change_of(const Offer& before, const Offer& after) {
  const auto less = fmt::format("{}", fmt::join(after.less, ", "));
  if (!before.served && after.served) return {"appears", less};
  if (before.served && !after.served) return {"leaves", after.why};
  if (!after.served || before.less == after.less) return {};
  return all_in(after.less, before.less) ? std::pair{std::string("recovers"), less}
                                         : std::pair{std::string("degrades"), less};
}

}  // namespace

Result<Catalogue> read_catalogue(const wire::Json& answer) {
  const wire::JsonCursor json(answer, Code::malformed_peer);
  TRY(const auto products, json.elements("products"));
  Catalogue catalogue;
  for (const auto& product : products) {
    TRY(const auto shown, read_product(product));
    TRY(const auto offers, product.elements("regions"));
    for (const auto& offer : offers) {
      TRY(const auto region, offer.text("region"));
      Offer read;
      TRY(read.served, offer.boolean("has"));
      if (read.served) {
        TRY(read.less, less_there(offer, shown));
      } else {
        TRY(read.why, why_not(offer));
      }
      catalogue.offers.emplace(std::pair(shown.name, std::string(region)), std::move(read));
    }
  }
  return catalogue;
}

Catalogue settle_catalogue(const Catalogue& known, const Catalogue& last, const Catalogue& now) {
  const auto find = [](const Catalogue& in, const auto& where) {
    const auto found = in.offers.find(where);
    return found == in.offers.end() ? nullptr : &found->second;
  };
  Catalogue settled;
  const auto settle = [&](const auto& where) {
    const auto* seen = find(now, where);
    const auto* before = find(last, where);
    const bool agreed = seen ? before && *seen == *before : !before;
    const auto* offer = agreed ? seen : find(known, where);
    if (offer) settled.offers.emplace(where, *offer);
  };
  for (const auto* catalogue : {&known, &last, &now}) {
    for (const auto& [where, offer] : catalogue->offers) settle(where);
  }
  return settled;
}

std::vector<CatalogueChange> compare_catalogues(const Catalogue& before, const Catalogue& after) {
  const Offer none{.served = false, .less = {}, .why = "the World has it there no more"};
  std::vector<CatalogueChange> changes;
  const auto compare = [&](const auto& where, const Offer& was, const Offer& is) {
    auto [what, how] = change_of(was, is);
    if (!what.empty()) changes.push_back({where.first, what, where.second, how});
  };
  for (const auto& [where, is] : after.offers) {
    const auto was = before.offers.find(where);
    compare(where, was == before.offers.end() ? none : was->second, is);
  }
  for (const auto& [where, was] : before.offers) {
    if (!after.offers.contains(where)) compare(where, was, none);
  }
  return changes;
}

}  // namespace portolan::cli
