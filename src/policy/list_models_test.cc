#include "policy/list_models.h"

#include <gtest/gtest.h>

#include "policy/small_world_test.h"

namespace portolan::policy {
namespace {

constexpr WallTime now{1'000};

// `large` runs in CN alone, `idle` nowhere.
Parts three_models() {
  Parts parts = small_world();
  parts.network.models.resize(3);
  parts.network.models[1].name = "large";
  parts.network.models[2].name = "idle";
  deploy(parts, "large", "cn-a");
  return parts;
}

std::string models(const Parts& parts, unsigned char key, std::string_view scope = "") {
  const auto view = parts.view();
  const auto caller = *authenticate(view, numbered_key(key).text, now);
  const auto grant = *may_enter(view, caller, zone_of(view, "eu-1-a"), scope, now);
  std::string out;
  for (const ModelIndex model : list_models(view, caller, grant, now)) {
    out += view.world->model(model).name + " ";
  }
  return out;
}

TEST(ListModels, ShowsNoModelThatScopeRuleOrRestrictionDenies) {
  EXPECT_EQ(models(three_models(), 1), "small ");
  EXPECT_EQ(models(three_models(), 2, "eu"), "small ");
  Parts ruled = three_models();
  ruled.network.rules.resize(1);
  ruled.network.rules[0].name = "export";
  ruled.network.rules[0].places.country = {"CN"};
  EXPECT_EQ(models(ruled, 2), "small ");
  Parts denied = three_models();
  denied.restrictions.denied = {"cn"};
  EXPECT_EQ(models(denied, 2), "small ");
}

TEST(ListModels, ADrainDoesNotChangeIt) {
  Parts drained = three_models();
  drained.restrictions.drained = {"cn"};
  EXPECT_EQ(models(drained, 2), "large small ");
}

TEST(ListModels, IsEmptyWithoutAWorldOrUnderAnother) {
  EXPECT_TRUE(list_models({}, {}, {}, now).empty());
  const auto view = three_models().view();
  const auto caller = *authenticate(view, numbered_key(2).text, now);
  const auto grant = *may_enter(view, caller, zone_of(view, "eu-1-a"), "", now);
  EXPECT_TRUE(list_models(three_models().view(), caller, grant, now).empty());
}

}  // namespace
}  // namespace portolan::policy
