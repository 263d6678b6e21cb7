#include "policy/catalogue.h"

#include <gtest/gtest.h>

#include "policy/told_world_test.h"

namespace portolan::policy {
namespace {

struct CatalogueStage : ToldWorld {
  Catalogue catalogue() {
    const auto told = facts();
    return catalogue_of(*view->world, list_offers(told, today));
  }
};

// "sg leaves: why", each on a line.
std::string changes(const Catalogue& before, const Catalogue& after) {
  std::string text;
  for (const auto& change : compare_catalogues(before, after)) {
    text += change.region + " " + change.what + ": " + change.how + "\n";
  }
  return text;
}

TEST(Catalogue, TellsWhyARegionServesAModelNoMore) {
  CatalogueStage stage;
  const auto whole = stage.catalogue();
  model::Rule rule;
  rule.name = "not-there";
  rule.places.country = {"CN"};
  stage.parts.network.rules = {rule};
  const auto denied = stage.catalogue();
  EXPECT_EQ(changes(whole, denied), "cn leaves: a rule denies it there: not-there\n");
  EXPECT_EQ(changes(denied, whole), "cn appears: \n");
}

TEST(Catalogue, TellsWhatAnEngineGivesLess) {
  CatalogueStage stage;
  const auto whole = stage.catalogue();
  for (auto& deployment : stage.parts.network.deployments) {
    if (deployment.zone.starts_with("sg")) deployment.engines[0].kind = "plain";
  }
  const auto less = stage.catalogue();
  EXPECT_EQ(changes(whole, less), "sg degrades: without tools\n");
  EXPECT_EQ(changes(less, whole), "sg recovers: \n");
  EXPECT_EQ(changes(whole, whole), "");
}

TEST(Catalogue, HasAModelThatTheWorldHasNoMoreNowhere) {
  CatalogueStage stage;
  const auto whole = stage.catalogue();
  const Catalogue none;
  const auto gone = compare_catalogues(whole, none);
  EXPECT_EQ(gone.size(), whole.offers.size());
  for (const auto& each : gone) EXPECT_EQ(each.how, "the World has it there no more");
  EXPECT_EQ(settle_catalogue(whole, none, none).offers, none.offers);
  EXPECT_EQ(settle_catalogue(whole, whole, none).offers, whole.offers);
}

}  // namespace
}  // namespace portolan::policy
