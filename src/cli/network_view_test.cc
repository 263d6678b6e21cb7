#include "cli/network_view.h"

#include <gtest/gtest.h>

#include <string>

#include "cli/network_tables.h"
#include "world/codec.h"

namespace portolan::cli {
namespace {

using State = ZoneView::State;

constexpr const char* fresh = "2026-11-22T10:00:59Z";

// One region of two zones, each with a gateway, one engine and model `m`; another
// region with a zone that has neither.
model::Network small_network() {
  model::Network network;
  network.regions.resize(2);
  network.regions[0].name = "eu-1";
  network.regions[0].city = "Frankfurt";
  network.regions[0].country = "DE";
  network.regions[0].groups = {"eu"};
  network.regions[1].name = "sg-1";
  network.regions[1].country = "SG";
  network.zones = {{"eu-1a", "eu-1", {}, {{"gw-a", "http://a", "a:1"}}},
                   {"eu-1b", "eu-1", {}, {{"gw-b", "http://b", "b:1"}}},
                   {"sg-1a", "sg-1", {}, {}}};
  for (const std::string zone : {"eu-1a", "eu-1b"}) {
    model::Deployment deployment{"m." + zone, "m", zone, {{}}};
    deployment.engines[0].kind = "vllm";
    deployment.engines[0].url = "http://engine-" + zone;
    network.deployments.push_back(deployment);
  }
  return network;
}

struct Said {
  std::string id;
  std::string zone;
  std::string seen = fresh;
  bool connected = false;
  std::uint64_t world = 7;
  std::string engines = R"({"healthy":1,"total":1})";
};

wire::Json json_of(const Said& said) {
  auto json = *wire::parse_json(R"({"world":{"epoch":1,"hash":"h"},"refused":[]})");
  json.find("world")->set("version", said.world);
  json.set("gateway", said.id).set("zone", said.zone).set("seen", said.seen);
  json.set("connected", wire::Json(said.connected));
  json.set("engines", *wire::parse_json(said.engines));
  return json;
}

NetworkAnswers answers_of(const std::vector<Said>& gateways) {
  NetworkAnswers answers;
  answers.network = *wire::parse_json(world::encode_network(small_network()));
  answers.worlds = *wire::parse_json(R"({"current":{"epoch":1,"version":7,"hash":"h"}})");
  answers.gateways = *wire::parse_json(R"({"now":"2026-11-22T10:01:00Z","gateways":[]})");
  for (const Said& said : gateways) answers.gateways.find("gateways")->push(json_of(said));
  answers.restrictions = *wire::parse_json(R"({"drain":[],"deny":[]})");
  return answers;
}

ZoneView zone_of(const NetworkAnswers& answers, std::string_view name) {
  const auto view = view_network(answers);
  EXPECT_TRUE(view);
  for (const RegionView& region : view->regions) {
    for (const ZoneView& zone : region.zones) {
      if (zone.name == name) return zone;
    }
  }
  ADD_FAILURE() << "no zone " << name;
  return {};
}

State state_of(const Said& said) { return zone_of(answers_of({said}), "eu-1a").state; }

TEST(NetworkView, AnOldControlIsNamedAndNotGuessed) {
  auto answers = answers_of({});
  answers.gateways.erase("now");
  EXPECT_EQ(view_network(answers).error().code, Code::malformed_peer);
}

TEST(NetworkView, AGatewayThatControlNoLongerHearsIsSilent) {
  EXPECT_EQ(state_of({"gw-a", "eu-1a", "2026-11-22T10:00:30Z"}), State::silent);
  EXPECT_EQ(zone_of(answers_of({}), "eu-1a").state, State::silent);
  EXPECT_EQ(zone_of(answers_of({}), "sg-1a").state, State::no_gateway);
  const auto long_poll = Said{"gw-a", "eu-1a", "2026-11-22T10:00:41Z", true};
  EXPECT_EQ(state_of(long_poll), State::serving);
}

TEST(NetworkView, AZoneServesByAHealthyEngine) {
  EXPECT_EQ(state_of({"gw-a", "eu-1a"}), State::serving);
  EXPECT_EQ(state_of({"gw-a", "eu-1a", fresh, true, 7, R"({"healthy":0,"total":1})"}),
            State::no_engine);
  EXPECT_EQ(state_of({"gw-a", "eu-1a", fresh, true, 7, "null"}), State::probing);
}

TEST(NetworkView, TheWorstOfAZonesGatewaysIsShown) {
  const auto zone =
      zone_of(answers_of({{"gw-a", "eu-1a", fresh, true, 7},
                          {"gw-a2", "eu-1a", fresh, true, 5, R"({"healthy":0,"total":1})"}}),
              "eu-1a");
  EXPECT_EQ(zone.gateways, (Share{2, 2})) << "one of them came by itself";
  EXPECT_EQ(zone.engines, (Share{0, 1}));
  EXPECT_EQ(zone.world, (HeldWorld{5, 2}));
}

TEST(NetworkView, ARestrictionIsShownOverHealth) {
  auto answers = answers_of({{"gw-a", "eu-1a"}, {"gw-b", "eu-1b"}});
  answers.restrictions = *wire::parse_json(R"({"drain":["eu-1"],"deny":["eu-1b"]})");
  EXPECT_EQ(zone_of(answers, "eu-1a").state, State::drained);
  EXPECT_EQ(zone_of(answers, "eu-1b").state, State::denied);
}

TEST(NetworkView, IsNarrowedToPlacesThatExist) {
  const auto view = *view_network(answers_of({{"gw-a", "eu-1a"}}));
  EXPECT_EQ(keep_places(view, {"eu-2"}).error().code, Code::invalid_parameter);
  EXPECT_EQ(keep_places(view, {"country:SG"})->regions.at(0).region.name, "sg-1");
  const auto one = keep_places(view, {"eu-1b"});
  ASSERT_EQ(one->regions.size(), 1u);
  EXPECT_EQ(one->regions[0].zones.size(), 1u);
  EXPECT_EQ(keep_places(view, {"eu", "sg-1"})->regions.size(), 2u);
}

TEST(NetworkTables, ShowTroubleBelowTheRegions) {
  const auto view = *view_network(answers_of({{"gw-a", "eu-1a", fresh, true, 6}}));
  EXPECT_EQ(render_regions(view, 0),
            "NAME  CITY       COUNTRY  GROUPS  ZONES  GATEWAYS  ENGINES  MODELS  WORLD        URL\n"
            "eu-1  Frankfurt  DE       eu      1/2    1/2       ?/2      1       6, 1 behind  -\n"
            "sg-1  -          SG       -       0/1    0/0       -        0       -            -\n"
            "\n"
            "NOT WELL  STATE       SEEN\n"
            "eu-1b     silent      never\n"
            "sg-1a     no gateway  never\n"
            "\n"
            "2 regions, 3 zones, 1 well; 1 of 2 gateways seen, World 7\n");
}

TEST(NetworkTables, SayWhatANarrowTerminalDoesNotShow) {
  const auto view = *view_network(answers_of({{"gw-a", "eu-1a", fresh, true}}));
  const auto text = render_zones(view, 62);
  EXPECT_TRUE(text.starts_with("NAME   REGION  STATE       GATEWAYS  ENGINES  WORLD  SEEN\n"))
      << text;
  EXPECT_NE(text.find("62 columns have no room for CITY, COUNTRY, MODELS;"), std::string::npos);
}

TEST(NetworkTables, TellProgramsTheSame) {
  const auto json = zones_json(*view_network(answers_of({{"gw-a", "eu-1a", fresh, true}})));
  const auto& zone = json.find("items")->as_array()->at(0);
  EXPECT_EQ(*zone.find("state")->as_string(), "serving");
  EXPECT_EQ(zone.find("engines")->find("healthy")->as_uint64(), 1u);
  EXPECT_EQ(zone.find("world")->find("behind")->as_uint64(), 0u);
  EXPECT_EQ(json.find("world")->find("version")->as_uint64(), 7u);
}

}  // namespace
}  // namespace portolan::cli
