#include "policy/rule_applies.h"

#include <gtest/gtest.h>

namespace portolan::policy {
namespace {

using model::Labels;
using model::Rule;

TEST(RuleApplies, WhatNobodyClassifiedIsTheWorstCase) {
  Rule rule;
  rule.weights = {{"export-class", "restricted"}};
  rule.data = {{"data-class", "personal"}};
  EXPECT_TRUE(rule_applies(rule, {}, {}));
  EXPECT_TRUE(rule_applies(rule, {{"export-class", "restricted"}}, {}));
  EXPECT_TRUE(rule_applies(rule, {{"other", "x"}}, {{"data-class", "personal"}}));
}

TEST(RuleApplies, AskedLabelsOfBothSidesMustHold) {
  Rule rule;
  rule.weights = {{"export-class", "restricted"}};
  rule.data = {{"data-class", "personal"}, {"sector", "health"}};
  EXPECT_FALSE(rule_applies(rule, {{"export-class", "free"}}, {}));
  EXPECT_FALSE(rule_applies(rule, {}, {{"data-class", "personal"}, {"sector", "retail"}}));
  EXPECT_TRUE(rule_applies(rule, {}, {{"data-class", "personal"}, {"sector", "health"}}));
}

TEST(RuleApplies, ARuleThatAsksNothingIsAboutEverything) {
  EXPECT_TRUE(rule_applies(Rule{}, {{"a", "b"}}, {{"c", "d"}}));
}

TEST(RuleInForce, HoldsItsFirstInstantAndNotItsLast) {
  Rule rule;
  rule.from = WallTime{10};
  rule.until = WallTime{20};
  EXPECT_FALSE(rule_in_force(rule, WallTime{9}));
  EXPECT_TRUE(rule_in_force(rule, WallTime{10}));
  EXPECT_TRUE(rule_in_force(rule, WallTime{19}));
  EXPECT_FALSE(rule_in_force(rule, WallTime{20}));
  EXPECT_TRUE(rule_in_force(Rule{}, WallTime{INT64_MIN}));
}

}  // namespace
}  // namespace portolan::policy
