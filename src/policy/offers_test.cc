#include "policy/offers.h"

#include <gtest/gtest.h>

#include "policy/told_world_test.h"

namespace portolan::policy {
namespace {

struct Stage : ToldWorld {
  Offer offer(const std::string& region) {
    const auto offers = list_offers(facts(), today);
    return offers.at(view->world->find_region(region)->value);
  }

  // Why that region does not serve the one model; "" where it does.
  std::string missing(const std::string& region) {
    const auto found = offer(region).missing;
    return found ? std::string(name_of(*found)) : "";
  }
};

TEST(Offers, AZoneThatIsLeftServesItsRegion) {
  Stage stage;
  stage.take_out("sg-a");
  stage.parts.restrictions.drained = {"cn-a"};
  stage.change = [](const std::string& zone, GatewayTold& told) {
    if (zone == "eu-1-a") told.any_healthy = false;
    return true;
  };
  for (const char* region : {"cn", "eu-1", "sg"}) EXPECT_EQ(stage.missing(region), "") << region;
}

TEST(Offers, SayWhatTheNearestZoneLacks) {
  Stage stage;
  stage.parts.network.regions.push_back(region("new", "FR", 1, 1));
  stage.take_out("sg-a");
  stage.parts.restrictions.denied = {"sg-b"};
  EXPECT_EQ(stage.missing("sg"), "restricted");
  EXPECT_EQ(stage.missing("new"), "no_zone");
  stage.parts.restrictions = {};
  stage.change = [](const std::string& zone, GatewayTold& told) {
    if (zone == "sg-b") told.any_healthy = false;
    if (zone == "cn-a") told.any_healthy.reset();
    if (zone == "cn-b") told.holds = nullptr;
    return !zone.starts_with("eu");
  };
  EXPECT_EQ(stage.missing("sg"), "unhealthy");
  EXPECT_EQ(stage.missing("cn"), "not_probed");
  EXPECT_EQ(stage.missing("eu-1"), "not_heard");
  stage.take_out("sg-b");
  EXPECT_EQ(stage.missing("sg"), "not_deployed");
}

TEST(Offers, AnOlderWorldServesWhatItDeploys) {
  Stage stage;
  Parts older = stage.parts;
  std::erase_if(older.network.deployments, [](const auto& d) { return d.zone.starts_with("sg"); });
  const auto before = older.view();
  stage.change = [&](const std::string&, GatewayTold& told) {
    told.holds = before.world.get();
    return true;
  };
  EXPECT_EQ(stage.missing("cn"), "");
  EXPECT_EQ(stage.missing("sg"), "no_world");
}

TEST(Offers, NameTheRuleThatDenies) {
  Stage stage;
  model::Rule rule;
  rule.name = "not-there";
  rule.places.country = {"CN"};
  stage.parts.network.rules = {rule};
  EXPECT_EQ(stage.missing("cn"), "denied_by_rule");
  EXPECT_EQ(stage.offer("cn").rules, std::vector<std::string>{"not-there"});
  EXPECT_EQ(stage.offer("sg").rules, std::vector<std::string>{});
  // One that asks for labels of data is about workspaces, one of the future not yet.
  stage.parts.network.rules[0].data = {{"data-class", "personal"}};
  EXPECT_EQ(stage.missing("cn"), "");
  stage.parts.network.rules[0].data = {};
  stage.parts.network.rules[0].from = WallTime{today.ns + 1};
  EXPECT_EQ(stage.missing("cn"), "");
}

TEST(Offers, HaveWhatAnEngineThereGives) {
  Stage stage;
  for (auto& deployment : stage.parts.network.deployments) {
    if (deployment.zone != "sg-b") deployment.engines[0].kind = "plain";
  }
  const auto whole = stage.offer("sg");
  EXPECT_EQ(whole.features, (std::vector<std::string>{"chat", "tools"}));
  EXPECT_EQ(whole.slots, 8u);
  const auto less = stage.offer("cn");
  EXPECT_EQ(less.features, (std::vector<std::string>{"chat"}));
}

}  // namespace
}  // namespace portolan::policy
