#include "policy/zones_under_rules.h"

#include <gtest/gtest.h>

#include "policy/small_world_test.h"

namespace portolan::policy {
namespace {

using model::Labels;
using model::Rule;
using Names = std::vector<std::string>;

// Personal data stays in `eu`; restricted weights stay out of CN from second 100.
Parts ruled_world() {
  Parts parts = small_world();
  Rule residency;
  residency.name = "residency";
  residency.kind = Rule::Kind::require;
  residency.data = {{"data-class", "personal"}};
  residency.places.group = {"eu"};
  Rule export_control;
  export_control.name = "export";
  export_control.weights = {{"export-class", "restricted"}};
  export_control.places.country = {"CN"};
  export_control.from = WallTime{100};
  parts.network.rules = {residency, export_control};
  return parts;
}

const Labels personal{{"data-class", "personal"}};
const Labels open_data{{"data-class", "public"}};
const Labels restricted{{"export-class", "restricted"}};

std::string zones(const RuleSubject& subject) {
  const auto view = ruled_world().view();
  return names_of(view, zones_under_rules(*view.world, subject));
}

TEST(ZonesUnderRules, EachRuleOnlyNarrows) {
  EXPECT_EQ(zones({&restricted, personal, WallTime{100}}), "eu-1-a eu-1-b");
  EXPECT_EQ(zones({&restricted, open_data, WallTime{100}}), "eu-1-a eu-1-b sg-a sg-b");
  EXPECT_EQ(zones({&restricted, open_data, WallTime{99}}), "cn-a cn-b eu-1-a eu-1-b sg-a sg-b");
}

TEST(ZonesUnderRules, WithNoWeightsOnlyRulesAboutDataAloneBind) {
  EXPECT_EQ(zones({nullptr, open_data, WallTime{100}}), "cn-a cn-b eu-1-a eu-1-b sg-a sg-b");
  EXPECT_EQ(zones({nullptr, personal, WallTime{100}}), "eu-1-a eu-1-b");
}

TEST(RulesAgainst, NamesThoseThatTakeSomethingWanted) {
  const auto view = ruled_world().view();
  const RuleSubject subject{&restricted, personal, WallTime{100}};
  EXPECT_EQ(rules_against(*view.world, subject, *view.world->zones_named("eu")), Names{});
  EXPECT_EQ(rules_against(*view.world, subject, *view.world->zones_named("sg")),
            Names{"residency"});
  EXPECT_EQ(rules_against(*view.world, subject, *view.world->zones_named("cn")),
            (Names{"export", "residency"}));
}

}  // namespace
}  // namespace portolan::policy
