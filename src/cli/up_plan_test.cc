#include "cli/up_plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cli/up_print.h"
#include "cli/up_world.h"
#include "world/validate.h"

namespace portolan::cli {
namespace {

constexpr const char* small_world = R"(
apiVersion: portolan/v1
kind: Region
metadata: {name: fra}
spec: {city: Frankfurt, country: DE, latitude: 50.1, longitude: 8.7}
---
apiVersion: portolan/v1
kind: Zone
metadata: {name: fra-a}
spec: {region: fra}
---
apiVersion: portolan/v1
kind: Zone
metadata: {name: fra-pop}
spec: {region: fra}
---
apiVersion: portolan/v1
kind: Scope
metadata: {name: global}
spec: {include: ["*"]}
---
apiVersion: portolan/v1
kind: Org
metadata: {name: demo}
---
apiVersion: portolan/v1
kind: Workspace
metadata: {name: global, org: demo}
spec: {scopes: [global]}
---
apiVersion: portolan/v1
kind: Model
metadata: {name: small}
spec: {digest: "sha256:b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53", context: 512, features: [chat]}
---
apiVersion: portolan/v1
kind: Deployment
metadata: {name: small.fra-a}
spec:
  model: small
  zone: fra-a
  engines: [{kind: llama.cpp, slots: 6}, {kind: vllm, url: "http://10.0.0.1:80"}]
)";

class UpPlan : public testing::Test {
 protected:
  void SetUp() override {
    auto validation = world::validate({{"small", small_world}});
    for (const auto& problem : validation.problems) ADD_FAILURE() << render_problem(problem);
    world_ = validation.contents;
    programs_ = {.portolan = "/bin/portolan",
                 .gateway = "/bin/other",
                 .share = "/share",
                 .engine = {"", "/py", "/share/llamacpp.py"},
                 .model_file = "/m.gguf",
                 .cpus = 2};
  }

  Plan plan(EngineChoice engines) {
    options_.engines = engines;
    const auto ports = choose_ports({}, port_names(world_, engines), std::nullopt,
                                    [](std::uint16_t) { return true; });
    auto made = make_plan(world_, {}, {options_, home_, programs_, *ports});
    EXPECT_TRUE(made) << made.error().message;
    return made ? *made : Plan{};
  }

  static bool has(const ProcessPlan& process, std::string_view flag, std::string_view value) {
    const auto& all = process.arguments;
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
      if (all[i] == flag && all[i + 1] == value) return true;
    }
    return false;
  }
  static std::size_t count(const Plan& plan, ProcessPlan::Role role) {
    return static_cast<std::size_t>(std::ranges::count(plan.processes, role, &ProcessPlan::role));
  }

  world::Contents world_;
  UpOptions options_;
  Home home_{"/home"};
  Programs programs_;
};

TEST_F(UpPlan, RefusesAnEngineThatNobodyHereCanBe) {
  for (auto& engine : world_.network.deployments[0].engines) engine.url.clear();
  const auto ports = choose_ports({}, port_names(world_, EngineChoice::local), std::nullopt,
                                  [](std::uint16_t) { return true; });
  const auto made = make_plan(world_, {}, {options_, home_, programs_, *ports});
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("vllm"), std::string::npos);
}

TEST_F(UpPlan, RunsAGatewayInEveryZoneAndAnEngineWhereTheWorldNamesNone) {
  const Plan local = plan(EngineChoice::local);
  EXPECT_EQ(count(local, ProcessPlan::Role::control), 1u);
  EXPECT_EQ(count(local, ProcessPlan::Role::engine), 1u);
  EXPECT_EQ(count(local, ProcessPlan::Role::gateway), 2u);
  ASSERT_EQ(local.zones.size(), 2u);
  EXPECT_TRUE(local.zones[0].serves);
  EXPECT_FALSE(local.zones[1].serves);
  EXPECT_TRUE(local.zones[1].region_serves);
  EXPECT_TRUE(local.zones[1].engine.empty());
}

TEST_F(UpPlan, RunsOneMeterThatGatewaysAndControlKnow) {
  const Plan sim = plan(EngineChoice::sim);
  EXPECT_EQ(count(sim, ProcessPlan::Role::meter), 1u);
  const std::string address = "127.0.0.1:" + std::to_string(sim.ports.at("meter"));
  for (const ProcessPlan& process : sim.processes) {
    if (process.role == ProcessPlan::Role::engine) continue;
    const bool is_meter = process.role == ProcessPlan::Role::meter;
    EXPECT_TRUE(has(process, is_meter ? "--listen" : "--meter", address)) << process.name;
  }
  const auto leaf = std::ranges::find(sim.leaves, std::string(meter_name), &TlsLeaf::name);
  ASSERT_NE(leaf, sim.leaves.end());
  EXPECT_EQ(seal::render_identity(leaf->identity), "spiffe://local/meter/meter");
}

TEST_F(UpPlan, GivesTheMeterAPortBehindAllOthers) {
  const auto names = port_names(world_, EngineChoice::local);
  EXPECT_EQ(names.back(), "meter");
}

TEST_F(UpPlan, GivesTheEngineWhatItsLargestDeploymentAsksFor) {
  const Plan local = plan(EngineChoice::local);
  const ProcessPlan& engine = local.processes[1];
  EXPECT_TRUE(has(engine, "--slots", "6"));
  EXPECT_TRUE(has(engine, "--context", "512"));
  EXPECT_TRUE(has(engine, "--alias", "small"));
}

TEST_F(UpPlan, FillsInOnlyUrlsThatTheWorldLeavesOut) {
  const Plan local = plan(EngineChoice::local);
  const auto& engines = local.world.network.deployments[0].engines;
  EXPECT_EQ(engines[0].url, local.zones[0].engine_url);
  EXPECT_EQ(engines[1].url, "http://10.0.0.1:80");
  EXPECT_FALSE(local.world.network.regions[0].url.empty());
  EXPECT_EQ(local.world.network.zones[0].gateways.at(0).id, "fra-a-1");
}

TEST_F(UpPlan, LeavesPlacesAloneThatRunElsewhere) {
  world_.network.regions[0].url = "https://fra.example.net";
  world_.network.zones[0].gateways = {{"theirs", "http://10.0.0.2:1", "10.0.0.2:2"}};
  const Plan local = plan(EngineChoice::local);
  EXPECT_EQ(local.world.network.regions[0].url, "https://fra.example.net");
  ASSERT_EQ(local.zones.size(), 1u);
  EXPECT_EQ(local.zones[0].name, "fra-pop");
  EXPECT_EQ(local.world.network.zones[0].gateways.at(0).id, "theirs");
}

TEST_F(UpPlan, SharesTheRegionsPortAmongItsGateways) {
  const Plan sim = plan(EngineChoice::sim);
  const std::string shared = "127.0.0.1:" + std::to_string(sim.ports.at("region/fra"));
  for (const ProcessPlan& process : sim.processes) {
    if (process.role != ProcessPlan::Role::gateway) continue;
    EXPECT_TRUE(has(process, "--listen-shared", shared));
    EXPECT_EQ(process.arguments[0], "/bin/other");
  }
}

TEST_F(UpPlan, RunsOneSimulatorWithItsFlagsForAllZones) {
  options_.sim_args = {"--seed", "3"};
  const Plan sim = plan(EngineChoice::sim);
  EXPECT_EQ(count(sim, ProcessPlan::Role::engine), 1u);
  EXPECT_TRUE(has(sim.processes[1], "--seed", "3"));
  EXPECT_EQ(count(plan(EngineChoice::none), ProcessPlan::Role::engine), 0u);
}

TEST_F(UpPlan, IsTheSameForTheSameWorld) {
  EXPECT_EQ(plan(EngineChoice::local).processes, plan(EngineChoice::local).processes);
  EXPECT_EQ(plan(EngineChoice::local).world, plan(EngineChoice::local).world);
}

TEST_F(UpPlan, PrintsEveryCommandInTheOrderOfItsStart) {
  const Plan local = plan(EngineChoice::local);
  const auto lines = render_commands(local, home_, programs_);
  ASSERT_EQ(lines.size(), local.processes.size() + 2);
  EXPECT_TRUE(lines[0].starts_with("/bin/portolan control --network local "));
  EXPECT_TRUE(
      lines[lines.size() - 2].contains(" apply -f /home/world.yaml --admin http://127.0.0.1:"));
  EXPECT_TRUE(lines.back().contains(" --workspace global --admin http://127.0.0.1:"));
}

TEST_F(UpPlan, RefusesAnAddressThatNobodyCouldCall) {
  const auto ports = choose_ports({}, port_names(world_, EngineChoice::sim), std::nullopt,
                                  [](std::uint16_t) { return true; });
  for (const char* wrong : {"", "0.0.0.0", "::", "192.0.2.7:80"}) {
    options_.address = wrong;
    const auto made = make_plan(world_, {}, {options_, home_, programs_, *ports});
    ASSERT_FALSE(made) << wrong;
    EXPECT_TRUE(made.error().message.contains("--address")) << made.error().message;
  }
}

TEST_F(UpPlan, PrintsCommandsForAMachineThatOthersReach) {
  options_.address = "192.0.2.7";
  const Plan made = plan(EngineChoice::sim);
  for (const ProcessPlan& process : made.processes) {
    const bool is_engine = process.role == ProcessPlan::Role::engine;
    for (const std::string& word : process.arguments) {
      EXPECT_FALSE(word.starts_with(is_engine ? "192.0.2.7:" : "127.0.0.1:")) << process.name;
    }
  }
  EXPECT_TRUE(made.world.network.regions[0].url.starts_with("http://192.0.2.7:"));
  EXPECT_TRUE(made.world.network.zones[0].gateways[0].hop.starts_with("192.0.2.7:"));
  const auto lines = render_commands(made, home_, programs_);
  EXPECT_TRUE(lines.back().contains(" --admin https://192.0.2.7:"));
  EXPECT_TRUE(lines.back().ends_with(" --admin-ca /home/authority/tls-authority.pem"));
}

constexpr const char* second_region = R"(
apiVersion: portolan/v1
kind: Region
metadata: {name: mex}
spec: {city: Mexico, country: MX, latitude: 20.5, longitude: -100.3}
---
kind: Zone
metadata: {name: mex-a}
spec: {region: mex}
---
kind: Deployment
metadata: {name: small.mex-a}
spec: {model: small, zone: mex-a, engines: [{kind: llama.cpp, slots: 2}]}
---
kind: Opening
metadata: {name: mexico}
spec: {region: mex}
)";

class UpReady : public UpPlan {
 protected:
  Plan plan_ready(EngineChoice engines = EngineChoice::local) {
    options_.engines = engines;
    const auto validation = world::validate({{"mexico.yaml", second_region}}, world_);
    for (const auto& problem : validation.problems) ADD_FAILURE() << render_problem(problem);
    const std::vector<ReadyFile> ready = {{"mexico.yaml", validation.changed}};
    const auto names = port_names(with_ready(world_, ready), engines);
    const auto ports = choose_ports({}, names, std::nullopt, [](std::uint16_t) { return true; });
    auto made = make_plan(world_, ready, {options_, home_, programs_, *ports});
    EXPECT_TRUE(made) << made.error().message;
    return made ? *made : Plan{};
  }
};

TEST_F(UpReady, NothingOfWhatIsToBeOpenedIsApplied) {
  const Plan made = plan_ready();
  EXPECT_EQ(made.world.network.regions.size(), 1u);
  EXPECT_EQ(made.world.network.zones.size(), 2u);
  EXPECT_EQ(made.world.network.deployments.size(), 1u);
  EXPECT_TRUE(made.world.openings.empty());
}

TEST_F(UpReady, ItsProcessesListenWhereTheFileToBeOpenedSays) {
  const Plan made = plan_ready();
  EXPECT_EQ(count(made, ProcessPlan::Role::gateway), 3u);
  EXPECT_EQ(count(made, ProcessPlan::Role::engine), 2u);
  ASSERT_EQ(made.zones.size(), 3u);
  const ZonePlan& waiting = made.zones.back();
  EXPECT_EQ(waiting.name, "mex-a");
  EXPECT_TRUE(waiting.waits);
  EXPECT_FALSE(made.zones.front().waits);
  ASSERT_EQ(made.ready.size(), 1u);
  world::Contents opened;
  for (const auto& resource : made.ready[0].resources) put(opened, resource);
  EXPECT_EQ(opened.network.regions.at(0).url, own_url(options_, made.ports.at("region/mex")));
  EXPECT_EQ(opened.network.zones.at(0).gateways.at(0).url, waiting.gateway_url);
  EXPECT_EQ(opened.network.deployments.at(0).engines.at(0).url, waiting.engine_url);
  EXPECT_EQ(opened.openings.at(0).region, "mex");
}

TEST_F(UpReady, AZoneThatIsNotOpenYetStandsNotAtTheDoorOfItsRegion) {
  const auto validation = world::validate({{"b.yaml", R"(
apiVersion: portolan/v1
kind: Zone
metadata: {name: fra-b}
spec: {region: fra}
)"}},
                                          world_);
  ASSERT_TRUE(validation.ok());
  const std::vector<ReadyFile> ready = {{"b.yaml", validation.changed}};
  const auto names = port_names(with_ready(world_, ready), EngineChoice::local);
  const auto ports = choose_ports({}, names, std::nullopt, [](std::uint16_t) { return true; });
  const auto made = make_plan(world_, ready, {options_, home_, programs_, *ports});
  ASSERT_TRUE(made) << made.error().message;
  const std::string door = "127.0.0.1:" + std::to_string(made->ports.at("region/fra"));
  for (const ProcessPlan& process : made->processes) {
    if (process.role != ProcessPlan::Role::gateway) continue;
    EXPECT_EQ(has(process, "--listen-shared", door), process.name != "gateway-fra-b-1")
        << process.name;
  }
  for (const ProcessPlan& process : plan_ready().processes) {
    if (process.name != "gateway-mex-a-1") continue;
    const auto& words = process.arguments;
    EXPECT_NE(std::ranges::find(words, "--listen-shared"), words.end()) << "a new region's door";
  }
}

TEST_F(UpReady, TheFileSaysWhatItsEnginesCallTheirModel) {
  const auto served_as = [](const Plan& made) {
    world::Contents opened;
    for (const auto& resource : made.ready[0].resources) put(opened, resource);
    return opened.network.deployments.at(0).engines.at(0).served_as;
  };
  EXPECT_EQ(served_as(plan_ready(EngineChoice::local)), "") << "the model's own name";
  EXPECT_EQ(served_as(plan_ready(EngineChoice::sim)), "engine-sim");
  options_.sim_args = {"--model", "other"};
  EXPECT_EQ(served_as(plan_ready(EngineChoice::sim)), "other");
}

TEST_F(UpReady, TheCommandThatOpensItIsPrintedLast) {
  const Plan made = plan_ready();
  const auto lines = render_commands(made, home_, programs_);
  EXPECT_TRUE(lines.back().contains(" region open /home/ready/mexico.yaml --admin "))
      << lines.back();
  const Introduction introduction{made.world, made.ready, made.admin_url, {}};
  EXPECT_TRUE(render_introduction(introduction, home_)
                  .contains("portolan region open /home/ready/mexico.yaml --home /home\n"));
}

TEST(UpPrint, QuotesWhatAShellWouldReadOtherwise) {
  EXPECT_EQ(quote_for_shell("/a/b-1.pem"), "/a/b-1.pem");
  EXPECT_EQ(quote_for_shell(""), "''");
  EXPECT_EQ(quote_for_shell("a b"), "'a b'");
  EXPECT_EQ(quote_for_shell("it's $x"), "'it'\\''s $x'");
}

}  // namespace
}  // namespace portolan::cli
