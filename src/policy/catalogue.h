#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/world.h"
#include "policy/offers.h"

namespace portolan::policy {

// What each region serves of each model, by names: what is told of when it changes.
struct Catalogue {
  // Of a model in a region: what it has less than the model; where it is not
  // served, why.
  struct Offer {
    bool served = false;
    std::vector<std::string> less;
    std::string why;
    friend bool operator==(const Offer&, const Offer&) = default;
  };
  std::map<std::pair<std::string, std::string>, Offer> offers;  // by model, then region
};

// `offers` are list_offers() of that World.
Catalogue catalogue_of(const model::World& world, const std::vector<Offer>& offers);

// `known`, with what two looks in a row agree on: who restarts control sees every
// gateway silent for a moment.
Catalogue settle_catalogue(const Catalogue& known, const Catalogue& last, const Catalogue& now);

// What became of one model in one region: appears, leaves, degrades (is served
// with less), recovers. `how` is empty where there is nothing more to say.
struct CatalogueChange {
  std::string model;
  std::string what;
  std::string region;
  std::string how;
};
std::vector<CatalogueChange> compare_catalogues(const Catalogue& before, const Catalogue& after);

}  // namespace portolan::policy
