#include "model/world.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>

namespace portolan::model {
namespace {

Region region(std::string name, std::string country, std::vector<std::string> groups) {
  return {.name = std::move(name),
          .city = "",
          .country = std::move(country),
          .latitude = 1,
          .longitude = 2,
          .groups = std::move(groups),
          .url = "",
          .labels = {}};
}

Network network() {
  Network network;
  network.regions = {region("west", "US", {"amer"}), region("east", "DE", {"eu", "emea"})};
  network.zones = {{"west-a", "west", {}, {{"gw-2", "", ""}}},
                   {"east-b", "east", {}, {}},
                   {"east-a", "east", {}, {{"gw-1", "", ""}}}};
  network.models = {{"small", "sha256:0", 4096, {}, {"default"}, {}},
                    {"large", "sha256:1", 4096, {}, {}, {}}};
  network.deployments = {{"small.east-a", "small", "east-a", {{}}},
                         {"small.west-a", "small", "west-a", {{}}}};
  network.scopes = {{"all", {"*"}, {}, Entry::in_scope},
                    {"no-us", {"*"}, {"country:US", "country:CN"}, Entry::anywhere}};
  Rule rule;
  rule.name = "r1";
  rule.places.country = {"CN"};
  network.rules = {rule};
  return network;
}

Result<World> make(Network content) {
  return World::make(std::move(content), Version{"net", 1, 7}, "abc");
}

std::string names(const World& world, const ZoneMask& mask) {
  std::string out;
  mask.for_each([&](ZoneIndex zone) { out += world.zone(zone).name + " "; });
  return out;
}

struct Flaw {
  std::string_view name;
  std::function<void(Network&)> make;
  std::string_view sentence_has;
};

const Flaw flaws[] = {
    {"region twice", [](Network& n) { n.regions.push_back(n.regions[0]); }, "'west'"},
    {"zone twice", [](Network& n) { n.zones.push_back(n.zones[0]); }, "'west-a'"},
    {"model twice", [](Network& n) { n.models.push_back(n.models[1]); }, "'large'"},
    {"alias of two", [](Network& n) { n.models[1].aliases = {"default"}; }, "'default'"},
    {"alias is a model", [](Network& n) { n.models[1].aliases = {"small"}; }, "'small'"},
    {"deployment twice", [](Network& n) { n.deployments[1].name = "small.east-a"; },
     "small.east-a"},
    {"deployed twice", [](Network& n) { n.deployments[1].zone = "east-a"; }, "second"},
    {"scope twice", [](Network& n) { n.scopes.push_back(n.scopes[0]); }, "'all'"},
    {"rule twice", [](Network& n) { n.rules.push_back(n.rules[0]); }, "'r1'"},
    {"gateway twice", [](Network& n) { n.zones[1].gateways = {{"gw-1", "", ""}}; }, "'gw-1'"},
    {"zone named as region", [](Network& n) { n.zones[1].name = "east"; }, "'east'"},
    {"group named as region", [](Network& n) { n.regions[0].groups = {"east"}; }, "'east'"},
    {"group named as zone", [](Network& n) { n.regions[0].groups = {"east-a"}; }, "'east-a'"},
    {"zone of no region", [](Network& n) { n.zones[0].region = "north"; }, "'north'"},
    {"deployment of no model", [](Network& n) { n.deployments[0].model = "x"; }, "'x'"},
    {"deployment of an alias", [](Network& n) { n.deployments[0].model = "default"; }, "'default'"},
    {"deployment in no zone", [](Network& n) { n.deployments[0].zone = "x"; }, "'x'"},
    {"scope of nothing", [](Network& n) { n.scopes[0].include = {"x"}; }, "'x'"},
    {"scope without nothing", [](Network& n) { n.scopes[0].exclude = {"x"}; }, "'x'"},
    {"empty scope", [](Network& n) { n.scopes[0].exclude = {"*"}; }, "no zone"},
    {"scope that lists nothing", [](Network& n) { n.scopes[0].include = {}; }, "no zone"},
    {"rule about no region", [](Network& n) { n.rules[0].places.region = {"x"}; }, "'x'"},
    {"rule about no zone", [](Network& n) { n.rules[0].places.zone = {"east"}; }, "'east'"},
    {"rule about no group", [](Network& n) { n.rules[0].places.group = {"east"}; }, "'east'"},
    {"rule about no country", [](Network& n) { n.rules[0].places.country = {"de"}; }, "'de'"},
    {"rule about no place", [](Network& n) { n.rules[0].places = {}; }, "no place"},
    {"rule that never holds", [](Network& n) { n.rules[0].until = n.rules[0].from; }, "never"},
    {"lower-case country", [](Network& n) { n.regions[0].country = "us"; }, "'us'"},
    {"no country", [](Network& n) { n.regions[0].country = ""; }, "country"},
    {"off the Earth", [](Network& n) { n.regions[0].latitude = 91; }, "Earth"},
    {"nowhere",
     [](Network& n) { n.regions[0].longitude = std::numeric_limits<double>::quiet_NaN(); },
     "Earth"},
    {"name with a line end", [](Network& n) { n.models[0].name = "a\r\nb: c"; }, "printable"},
    {"empty name", [](Network& n) { n.scopes[0].name = ""; }, "printable"},
    {"zone named *", [](Network& n) { n.zones[0].name = "*"; }, "'*'"},
    {"group named as country", [](Network& n) { n.regions[0].groups = {"country:DE"}; }, "country"},
};

TEST(World, RefusesEveryFlawByName) {
  for (const Flaw& flaw : flaws) {
    Network content = network();
    flaw.make(content);
    const auto world = make(content);
    ASSERT_FALSE(world.has_value()) << flaw.name;
    EXPECT_EQ(world.error().code, Code::invalid_resource) << flaw.name;
    EXPECT_NE(world.error().message.find(flaw.sentence_has), std::string::npos)
        << flaw.name << ": " << world.error().message;
  }
}

TEST(World, RefusesMoreThanALimitAllows) {
  Network content = network();
  for (std::size_t i = content.zones.size(); i <= limits::zones_max.count(); ++i) {
    content.zones.push_back({fmt::format("z{}", i), "east", {}, {}});
  }
  const auto world = make(content);
  ASSERT_FALSE(world.has_value());
  EXPECT_NE(world.error().message.find("zones_max"), std::string::npos);
  content.zones.pop_back();
  EXPECT_TRUE(make(content).has_value());
}

TEST(World, IsTheSameInWhateverOrderItIsWritten) {
  Network reversed = network();
  std::ranges::reverse(reversed.regions);
  std::ranges::reverse(reversed.zones);
  std::ranges::reverse(reversed.models);
  const auto one = make(network());
  const auto other = make(reversed);
  ASSERT_TRUE(one && other);
  EXPECT_EQ(one->network(), other->network());
  EXPECT_EQ(one->zone(ZoneIndex{0}).name, "east-a");
  EXPECT_EQ(one->hash(), "abc");
  EXPECT_EQ(one->version().number, 7u);
}

TEST(World, FindsWhatIsThereAndNothingElse) {
  const auto world = make(network());
  ASSERT_TRUE(world);
  EXPECT_FALSE(world->find_zone("east"));
  EXPECT_FALSE(world->find_region("east-a"));
  EXPECT_FALSE(world->find_model("all"));
  EXPECT_FALSE(world->find_scope("small"));
  EXPECT_EQ(world->find_model("default"), world->find_model("small"));
  const auto small = *world->find_model("small");
  EXPECT_EQ(names(*world, world->placement(small)), "east-a west-a ");
  EXPECT_TRUE(world->placement(*world->find_model("large")).empty());
  ASSERT_NE(world->deployment(small, *world->find_zone("east-a")), nullptr);
  EXPECT_EQ(world->deployment(small, *world->find_zone("east-a"))->name, "small.east-a");
  EXPECT_EQ(world->deployment(small, *world->find_zone("east-b")), nullptr);
  EXPECT_EQ(names(*world, world->zones_of_scope(*world->find_scope("no-us"))), "east-a east-b ");
}

TEST(World, NamesZonesByEveryKindOfMember) {
  const auto world = make(network());
  ASSERT_TRUE(world);
  EXPECT_FALSE(world->zones_named("nowhere"));
  EXPECT_FALSE(world->zones_named("country:de"));
  EXPECT_FALSE(world->zones_named(""));
  EXPECT_EQ(names(*world, *world->zones_named("*")), "east-a east-b west-a ");
  EXPECT_EQ(names(*world, *world->zones_named("east-b")), "east-b ");
  EXPECT_EQ(names(*world, *world->zones_named("west")), "west-a ");
  EXPECT_EQ(names(*world, *world->zones_named("emea")), "east-a east-b ");
  EXPECT_EQ(names(*world, *world->zones_named("country:US")), "west-a ");
  EXPECT_EQ(names(*world, *world->zones_named("country:FR")), "");
}

}  // namespace
}  // namespace portolan::model
