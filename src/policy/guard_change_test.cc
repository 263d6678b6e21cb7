#include "policy/guard_change.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "policy/standing_test.h"

namespace portolan::policy {
namespace {

constexpr WallTime now = WallTime::from_unix_seconds(1'767'225'600);  // 2026-01-01

std::vector<std::string> objections(const Parts& before, const Parts& after) {
  return objections(before, after, now);
}

using Sentences = std::vector<std::string>;

TEST(GuardChange, LetsOrdinaryChangesPass) {
  const Parts before = small_world();
  EXPECT_EQ(objections(before, before), Sentences{});
  Parts after = before;
  after.network.models.push_back({"other", "", 0, {}, {}, {}});
  after.network.regions[0].city = "Hangzhou";
  after.content.workspaces[0].scopes = {"global"};
  EXPECT_EQ(objections(before, after), Sentences{});
}

TEST(GuardChange, ObjectsToSetsThatBecomeEmpty) {
  Parts before = small_world();
  before.network.models[0].features = {"chat"};
  before.network.rules.resize(1);
  before.network.rules[0].name = "none";
  before.network.rules[0].places.country = {"CN"};
  before.network.rules[0].until = WallTime{0};  // over, so that it loosens nothing
  Parts after = before;
  after.network.rules.clear();
  after.network.models[0].features.clear();
  after.network.zones[2].gateways.clear();
  after.content.workspaces[1].scopes.clear();
  EXPECT_EQ(objections(before, after),
            (Sentences{"set emptied: Rules: none instead of 1.",
                       "set emptied: Gateways of zone 'eu-1-a': none instead of 1.",
                       "set emptied: Features of model 'small': none instead of 1.",
                       "set emptied: Scopes of workspace 'global': none instead of 1."}));
}

TEST(GuardChange, ObjectsToAModelThatIsNowhereAnyMore) {
  const Parts before = small_world();
  Parts after = before;
  after.network.deployments.clear();
  EXPECT_EQ(objections(before, after),
            (Sentences{"set emptied: Deployments: none instead of 6.",
                       "set emptied: Engines: none instead of 6.",
                       "set emptied: Deployments of model 'small': none instead of 6."}));
}

TEST(GuardChange, AllowsATenthToGo) {
  Parts before = small_world();
  before.network.deployments[0].engines.resize(15);  // 20 in all
  Parts tenth = before;
  tenth.network.deployments[0].engines.resize(13);
  EXPECT_EQ(objections(before, tenth), Sentences{});
  Parts more = before;
  more.network.deployments[0].engines.resize(12);
  EXPECT_EQ(objections(before, more), Sentences{"much gone: Engines: 17 instead of 20."});
}

TEST(GuardChange, AllowsOneToGoHoweverFewThereAre) {
  const Parts before = small_world();
  Parts one = before;
  one.network.zones[2].gateways.clear();
  EXPECT_EQ(objections(before, one),
            Sentences{"set emptied: Gateways of zone 'eu-1-a': none instead of 1."});
  Parts two = one;
  two.network.zones[3].gateways.clear();
  EXPECT_EQ(objections(before, two).front(), "much gone: Gateways: 4 instead of 6.");
}

Sentences objections(const model::Restrictions& before, const model::Restrictions& after) {
  const model::View view = small_world().view();
  Sentences sentences;
  for (const Objection& objection : guard_restrictions(*view.world, before, after)) {
    sentences.push_back(fmt::format("{}: {}", objection.rule, objection.sentence));
  }
  return sentences;
}

TEST(GuardRestrictions, LetsARegionOfThreeGoThatIsNobodysLast) {
  model::Restrictions after;
  after.drained = {"sg"};
  EXPECT_EQ(objections({}, after), Sentences{});
  after.denied = {"nowhere"};
  EXPECT_EQ(objections({}, after), Sentences{});
}

TEST(GuardRestrictions, ObjectsToAScopeWithNoZoneLeft) {
  model::Restrictions one;
  one.denied = {"cn-a"};
  EXPECT_EQ(objections({}, one), Sentences{});
  model::Restrictions both = one;
  both.drained = {"cn-b"};
  const auto said = objections(one, both);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said.front(), "set emptied: Zones that serve scope 'cn': none instead of 1.");
  // What was taken before is not objected to again, and giving back never is.
  EXPECT_EQ(objections(both, both), Sentences{});
  EXPECT_EQ(objections(both, {}), Sentences{});
}

TEST(GuardRestrictions, AZoneWhoseOnlyGatewayIsRevokedServesNothing) {
  const auto world = small_world().view().world;
  model::Restrictions one;
  model::Restrictions both;
  for (const model::Zone& zone : world->network().zones) {
    for (const model::GatewayAddress& gateway : zone.gateways) {
      if (zone.name == "cn-a") one.revoked_machines.insert(gateway.id);
      if (zone.region == "cn") both.revoked_machines.insert(gateway.id);
    }
  }
  ASSERT_FALSE(one.revoked_machines.empty());
  EXPECT_EQ(objections({}, one), Sentences{});
  const auto said = objections(one, both);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said.front(), "set emptied: Zones that serve scope 'cn': none instead of 1.");
}

TEST(GuardRestrictions, ObjectsToLessThanHalfOfTheNetwork) {
  model::Restrictions half;
  half.denied = {"sg", "eu-1-a"};
  EXPECT_EQ(objections({}, half), Sentences{});
  model::Restrictions more = half;
  more.drained = {"cn-b"};
  EXPECT_EQ(objections(half, more),
            Sentences{"much gone: Zones that serve: 2 of 6, which is less than half."});
}

}  // namespace
}  // namespace portolan::policy
