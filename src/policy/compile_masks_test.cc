#include "policy/compile_masks.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "policy/small_world_test.h"

namespace portolan::policy {
namespace {

using model::Rule;

Rule deny(std::string name, std::string country, std::int64_t from, std::int64_t until) {
  Rule rule;
  rule.name = std::move(name);
  rule.places.country = {std::move(country)};
  rule.from = WallTime{from};
  rule.until = WallTime{until};
  return rule;
}

TEST(CompileMasks, AnIntervalBeginsWithEachDate) {
  Parts parts = small_world();
  parts.network.rules = {deny("one", "CN", 100, 200), deny("two", "DE", 200, INT64_MAX)};
  const auto view = parts.view();
  const auto zones = [&](std::int64_t now) {
    return names_of(view, view.masks->zones(WorkspaceIndex{0}, ModelIndex{0}, WallTime{now}));
  };
  EXPECT_EQ(view.masks->intervals.size(), 3u);
  EXPECT_EQ(zones(99), "cn-a cn-b eu-1-a eu-1-b sg-a sg-b");
  EXPECT_EQ(zones(100), "eu-1-a eu-1-b sg-a sg-b");
  EXPECT_EQ(zones(200), "cn-a cn-b sg-a sg-b");
}

TEST(CompileMasks, WithNoRuleEverythingIsOneClassAndOneInterval) {
  const auto view = small_world().view();
  EXPECT_EQ(view.masks->intervals.size(), 1u);
  EXPECT_EQ(view.masks->intervals[0].masks.size(), 1u);
}

TEST(CompileMasks, LabelsThatNoRuleAsksForMakeNoClasses) {
  Parts parts = small_world();
  for (int i = 0; i < 50; ++i) {
    auto one = workspace(fmt::format("w{}", i), {"global"});
    one.labels = {{"team", one.name}, {"data-class", i % 2 == 0 ? "personal" : "public"}};
    parts.content.workspaces.push_back(one);
  }
  Rule rule = deny("one", "CN", 0, 100);
  rule.data = {{"data-class", "personal"}};
  parts.network.rules = {rule};
  const auto view = parts.view();
  EXPECT_EQ(view.masks->intervals[0].masks.size(), 2u);
}

TEST(CompileMasks, RulesAboutWeightsAreNotInTheMaskOfDataAlone) {
  Parts parts = small_world();
  Rule rule = deny("one", "CN", 0, 100);
  rule.weights = {{"export-class", "restricted"}};
  parts.network.rules = {rule};
  const auto view = parts.view();
  EXPECT_EQ(view.masks->data_zones(WorkspaceIndex{0}, WallTime{50}).size(), 6u);
  EXPECT_EQ(view.masks->zones(WorkspaceIndex{0}, ModelIndex{0}, WallTime{50}).size(), 4u);
}

}  // namespace
}  // namespace portolan::policy
