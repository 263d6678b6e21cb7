#include "policy/catalogue.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace portolan::policy {
namespace {

bool all_in(const std::vector<std::string>& some, const std::vector<std::string>& all) {
  return std::ranges::all_of(
      some, [&](const auto& each) { return std::ranges::find(all, each) != all.end(); });
}

// The word for it and what more there is to say; an empty word where nothing changed.
std::pair<std::string, std::string> change_of(const Catalogue::Offer& before,
                                              const Catalogue::Offer& after) {
  const auto less = fmt::format("{}", fmt::join(after.less, ", "));
  if (!before.served && after.served) return {"appears", less};
  if (before.served && !after.served) return {"leaves", after.why};
  if (!after.served || before.less == after.less) return {};
  return all_in(after.less, before.less) ? std::pair{std::string("recovers"), less}
                                         : std::pair{std::string("degrades"), less};
}

Catalogue::Offer offer_of(const model::Model& model, const Offer& offer) {
  Catalogue::Offer told{.served = !offer.missing, .less = {}, .why = {}};
  if (offer.missing) {
    told.why = sentence_of(*offer.missing);
    if (!offer.rules.empty()) told.why += fmt::format(": {}", fmt::join(offer.rules, ", "));
    return told;
  }
  for (const auto& feature : model.features) {
    const bool there = std::ranges::find(offer.features, feature) != offer.features.end();
    if (!there) told.less.push_back("without " + feature);
  }
  return told;
}

}  // namespace

Catalogue catalogue_of(const model::World& world, const std::vector<Offer>& offers) {
  Catalogue catalogue;
  for (const auto& offer : offers) {
    const auto& model = world.model(offer.model);
    catalogue.offers.emplace(std::pair(model.name, world.region(offer.region).name),
                             offer_of(model, offer));
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
  const Catalogue::Offer none{.served = false, .less = {}, .why = "the World has it there no more"};
  std::vector<CatalogueChange> changes;
  const auto compare = [&](const auto& where, const auto& was, const auto& is) {
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

}  // namespace portolan::policy
