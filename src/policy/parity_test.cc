#include "policy/parity.h"

#include <gtest/gtest.h>

#include <map>

#include "policy/told_world_test.h"

namespace portolan::policy {
namespace {

struct Stage : ToldWorld {
  std::vector<ParityRow> rows() {
    const auto told = facts();
    return measure_parity(told.world, targets, list_offers(told, today), today);
  }

  // "model", "feature tools", "context": why it is missing, by that name.
  std::map<std::string, std::string> gaps(const std::string& region) {
    std::map<std::string, std::string> gaps;
    for (const auto& row : rows()) {
      if (!row.missing || view->world->region(row.region).name != region) continue;
      std::string item(name_of(row.item.kind));
      if (!row.item.feature.empty()) item += ' ' + row.item.feature;
      gaps.emplace(item, name_of(*row.missing));
    }
    return gaps;
  }

  std::vector<model::ParityTarget> targets;
};

using Gaps = std::map<std::string, std::string>;

TEST(Parity, WhatLacksTheModelLacksAllOfIt) {
  Stage stage;
  model::Rule rule;
  rule.name = "not-there";
  rule.places.country = {"CN"};
  stage.parts.network.rules = {rule};
  const std::string denied = "denied_by_rule";
  EXPECT_EQ(stage.gaps("cn"), (Gaps{{"model", denied},
                                    {"feature chat", denied},
                                    {"feature tools", denied},
                                    {"context", denied}}));
  EXPECT_EQ(stage.gaps("sg"), Gaps{});
  for (const auto& row : stage.rows()) {
    EXPECT_EQ(row.rules.empty(), !row.missing);
  }
}

TEST(Parity, AFeatureThatNoEngineGivesIsAGapOfItsOwn) {
  Stage stage;
  for (auto& deployment : stage.parts.network.deployments) {
    if (deployment.zone != "sg-b") deployment.engines[0].kind = "plain";
  }
  EXPECT_EQ(stage.gaps("sg"), Gaps{});
  EXPECT_EQ(stage.gaps("cn"), (Gaps{{"feature tools", "engine_lacks"}}));
}

TEST(Parity, WhatThisWorldDoesNotHaveIsNotAskedFor) {
  Stage stage;
  stage.targets = {{"t", {"gone"}, {"*"}, {}, {}, 0, 0}, {"u", {"*"}, {"nowhere"}, {}, {}, 0, 0}};
  EXPECT_TRUE(stage.rows().empty());
}

TEST(Parity, AsksForWhatATargetSays) {
  Stage stage;
  stage.targets = {{"t", {"small"}, {"*"}, {"country:CN"}, {"vision"}, 8192, 9, WallTime{500}}};
  // Two zones with an engine of four slots each.
  EXPECT_EQ(stage.gaps("sg"), (Gaps{{"feature vision", "model_lacks"},
                                    {"context", "model_lacks"},
                                    {"slots", "too_few_slots"}}));
  ParityShare cn;
  ParityShare rest;
  for (const auto& row : stage.rows()) {
    (stage.view->world->region(row.region).name == "cn" ? cn : rest).add(row, today);
  }
  EXPECT_EQ(cn.wanted, 0u);
  EXPECT_EQ(cn.per_mille(), 1000u);
  EXPECT_EQ(rest.wanted, 8u);
  EXPECT_EQ(rest.per_mille(), 250u);
  EXPECT_EQ(rest.overdue, 6u);
}

TEST(Parity, OfTwoTargetsTheEarlierDateCounts) {
  Stage stage;
  stage.take_out("sg-a");
  stage.take_out("sg-b");
  stage.targets = {{"a-later", {"*"}, {"*"}, {}, {"chat"}, 0, 0, WallTime{today.ns + 1}},
                   {"b-sooner", {"small"}, {"sg"}, {}, {"chat"}, 0, 0, today},
                   {"c-never", {"small"}, {"sg"}, {}, {"chat"}, 0, 0}};
  for (const auto& row : stage.rows()) {
    const bool sg = stage.view->world->region(row.region).name == "sg";
    EXPECT_EQ(row.target, sg ? "b-sooner" : "a-later");
    EXPECT_EQ(row.overdue(today), sg);
  }
}

TEST(Parity, APriceIsMissingOrTooDearByTheCheapestRegionOfItsTarget) {
  Stage stage;
  stage.parts.network.price_books = {
      {"list",
       "USD",
       WallTime{0},
       {{"small", {100}, {200}, {"cn"}}, {"small", {110}, {241}, {"eu-1"}}}}};
  stage.targets = {{"t", {"*"}, {"*"}, {}, {}, 0, 0}};
  stage.targets[0].prices = model::PriceDemand{"USD", 20};
  EXPECT_EQ(stage.gaps("cn"), Gaps{});
  EXPECT_EQ(stage.gaps("eu-1"), (Gaps{{"output_price", "too_dear"}}));
  EXPECT_EQ(
      stage.gaps("sg"),
      (Gaps{{"price", "no_price"}, {"input_price", "no_price"}, {"output_price", "no_price"}}));
  stage.targets[0].except = {"cn"};  // then it is itself the cheapest
  EXPECT_EQ(stage.gaps("eu-1"), Gaps{});
  stage.targets[0].prices = model::PriceDemand{"EUR"};
  EXPECT_EQ(stage.gaps("eu-1"), (Gaps{{"price", "no_price"}}));
  // A book that begins later says nothing yet.
  stage.targets[0].prices = model::PriceDemand{"USD"};
  stage.parts.network.price_books[0].from = WallTime{today.ns + 1};
  EXPECT_EQ(stage.gaps("eu-1"), (Gaps{{"price", "no_price"}}));
}

TEST(ParityShare, IsWholeOnlyWhenNothingIsMissing) {
  EXPECT_EQ((ParityShare{2000, 1999, 0}).per_mille(), 999u);
  EXPECT_EQ((ParityShare{2000, 2000, 0}).per_mille(), 1000u);
}

}  // namespace
}  // namespace portolan::policy
