#include "cli/up_plan.h"

#include <algorithm>
#include <set>
#include <utility>

#include "cli/up_world.h"

namespace portolan::cli {
namespace {

constexpr const char* admin_port = "admin";
constexpr const char* control_port = "control";
constexpr const char* meter_port = "meter";
constexpr const char* control_name = "control";
constexpr const char* sim_name = "engine-sim";

std::string address(const PlanInputs& inputs, const std::string& name) {
  return own_address(inputs.options, inputs.ports.of(name));
}

void append(std::vector<std::string>& arguments, std::vector<std::string> more) {
  for (std::string& argument : more) arguments.push_back(std::move(argument));
}

std::vector<std::string> tls_flags(const AuthorityFiles& files, const std::string& leaf) {
  return {"--tls-certificate", files.tls_certificate(leaf), "--tls-key",
          files.tls_key(leaf), "--tls-authority",           files.tls_authority()};
}

ProcessPlan plan_control(const PlanInputs& inputs) {
  const AuthorityFiles files{inputs.home.authority()};
  ProcessPlan process{
      .role = ProcessPlan::Role::control, .name = control_name, .arguments = {}, .environment = {}};
  process.arguments = {inputs.programs.portolan,
                       "control",
                       "--network",
                       local_network,
                       "--data",
                       inputs.home.control(),
                       "--admin",
                       address(inputs, admin_port),
                       "--gateways",
                       address(inputs, control_port),
                       "--meter",
                       address(inputs, meter_port),
                       "--signing-key",
                       files.control_key(),
                       "--certificate",
                       files.control_certificate(),
                       "--waves",
                       inputs.options.waves,
                       "--ca-key",
                       files.tls_authority_key(),
                       "--ca-certificate",
                       files.tls_authority(),
                       "--root",
                       files.root(),
                       "--admin-key-file",
                       inputs.home.admin_key()};
  append(process.arguments, tls_flags(files, control_name));
  return process;
}

ProcessPlan plan_meter(const PlanInputs& inputs) {
  const AuthorityFiles files{inputs.home.authority()};
  ProcessPlan process{
      .role = ProcessPlan::Role::meter, .name = meter_name, .arguments = {}, .environment = {}};
  process.arguments = {inputs.programs.portolan,
                       "meter",
                       "--network",
                       local_network,
                       "--data",
                       inputs.home.meter(),
                       "--listen",
                       address(inputs, meter_port)};
  append(process.arguments, tls_flags(files, meter_name));
  return process;
}

ProcessPlan plan_gateway(const PlanInputs& inputs, const model::Zone& zone, bool shares_region) {
  const std::string id = gateway_id(zone.name);
  const AuthorityFiles files{inputs.home.authority()};
  ProcessPlan process{.role = ProcessPlan::Role::gateway,
                      .name = "gateway-" + id,
                      .arguments = {},
                      .environment = {}};
  process.arguments = {inputs.programs.gateway,
                       "gateway",
                       "--network",
                       local_network,
                       "--id",
                       id,
                       "--zone",
                       zone.name,
                       "--data",
                       inputs.home.gateway(id),
                       "--root",
                       files.root(),
                       "--control",
                       address(inputs, control_port),
                       "--meter",
                       address(inputs, meter_port),
                       "--hop",
                       address(inputs, hop_port(zone.name)),
                       "--listen",
                       address(inputs, gateway_port(zone.name))};
  if (shares_region) {
    append(process.arguments, {"--listen-shared", address(inputs, region_port(zone.region))});
  }
  append(process.arguments, tls_flags(files, id));
  append(process.arguments, inputs.options.gateway_args);
  return process;
}

ProcessPlan plan_simulator(const PlanInputs& inputs, const std::set<std::string>& zones) {
  ProcessPlan process{.role = ProcessPlan::Role::engine,
                      .name = sim_name,
                      .arguments = {inputs.programs.portolan, "engine-sim"},
                      .environment = {}};
  for (const std::string& zone : zones) {
    append(process.arguments,
           {"--listen", "127.0.0.1:" + std::to_string(inputs.ports.of(engine_port(zone)))});
  }
  append(process.arguments, inputs.options.sim_args);
  return process;
}

// One llama.cpp for everything that the zone has deployed on engines of ours:
// as many slots and as much context as the largest asks for.
Result<ProcessPlan> plan_local_engine(const PlanInputs& inputs, const world::Contents& world,
                                      const std::string& zone, std::size_t engines) {
  engines::LocalEngine engine;
  engine.model_file = inputs.programs.model_file;
  engine.port = inputs.ports.of(engine_port(zone));
  engine.threads = engines::threads_for(engines, inputs.programs.cpus);
  engine.slots = 1;
  engine.context = {1};
  engine.alias = engine_alias(world, zone);
  for (const model::Deployment& deployment : world.network.deployments) {
    if (deployment.zone != zone) continue;
    for (const model::Engine& placed : deployment.engines) {
      if (!placed.url.empty()) continue;
      engine.slots = std::max<std::size_t>(engine.slots, placed.slots);
    }
    for (const model::Model& model : world.network.models) {
      if (model.name != deployment.model) continue;
      engine.context.value = std::max(engine.context.value, model.context);
    }
  }
  TRY(const engines::Command command, engines::command_of(engine, inputs.programs.engine));
  ProcessPlan process{.role = ProcessPlan::Role::engine,
                      .name = "engine-" + zone,
                      .arguments = command.arguments,
                      .environment = {}};
  for (const auto& [name, value] : command.environment) {
    process.environment.push_back(name + "=" + value);
  }
  return process;
}

std::set<std::string> zones_with_engines(const world::Contents& world) {
  std::set<std::string> zones;
  for (const model::Deployment& deployment : world.network.deployments) {
    const auto has_url = [](const model::Engine& engine) { return !engine.url.empty(); };
    if (std::ranges::any_of(deployment.engines, has_url)) zones.insert(deployment.zone);
  }
  return zones;
}

// `filled` is the World `applied` and what waits to be.
std::vector<ZonePlan> plan_zones(const world::Contents& filled, const world::Contents& applied,
                                 const OwnParts& own, const PlanInputs& inputs) {
  const std::set<std::string> serving = zones_with_engines(filled);
  std::set<std::string> serving_regions;
  for (const model::Zone& zone : filled.network.zones) {
    if (serving.contains(zone.name)) serving_regions.insert(zone.region);
  }
  std::vector<ZonePlan> zones;
  for (const model::Zone& zone : filled.network.zones) {
    if (!own.gateways.contains(zone.name)) continue;
    ZonePlan& plan = zones.emplace_back();
    plan.name = zone.name;
    plan.region = zone.region;
    plan.gateway = "gateway-" + gateway_id(zone.name);
    plan.gateway_url = zone.gateways.front().url;
    plan.serves = serving.contains(zone.name);
    plan.region_serves = serving_regions.contains(zone.region);
    plan.waits = !world::find(applied, world::Kind::zone, zone.name);
    if (!own.engines.contains(zone.name)) continue;
    const bool sim = inputs.options.engines == EngineChoice::sim;
    plan.engine = sim ? sim_name : "engine-" + zone.name;
    plan.engine_url = engine_url(inputs.ports.of(engine_port(zone.name)));
  }
  return zones;
}

Status plan_engines(Plan& plan, const world::Contents& world, const OwnParts& own,
                    const PlanInputs& inputs) {
  if (own.engines.empty()) return {};
  if (inputs.options.engines == EngineChoice::sim) {
    plan.processes.push_back(plan_simulator(inputs, own.engines));
    return {};
  }
  for (const std::string& zone : own.engines) {
    TRY(ProcessPlan process, plan_local_engine(inputs, world, zone, own.engines.size()));
    plan.processes.push_back(std::move(process));
  }
  return {};
}

// A gateway that refuses all until its zone is opened would refuse clients at the door of a region
// that serves: it has only its own.
void plan_gateways(Plan& plan, const world::Contents& world, const world::Contents& applied,
                   const OwnParts& own, const PlanInputs& inputs) {
  for (const model::Zone& zone : world.network.zones) {
    if (!own.gateways.contains(zone.name)) continue;
    const std::string id = gateway_id(zone.name);
    const bool closed_door = world::find(applied, world::Kind::region, zone.region) &&
                             !world::find(applied, world::Kind::zone, zone.name);
    const bool shares_region = own.regions.contains(zone.region) && !closed_door;
    plan.processes.push_back(plan_gateway(inputs, zone, shares_region));
    plan.folders.push_back(inputs.home.gateway(id));
    plan.leaves.push_back({.name = id,
                           .identity = {.network = local_network,
                                        .kind = seal::Identity::Kind::gateway,
                                        .zone = zone.name,
                                        .id = id}});
  }
}

}  // namespace

std::vector<std::string> port_names(const world::Contents& world, EngineChoice engines) {
  const OwnParts own = own_parts(world, engines);
  std::vector<std::string> names = {admin_port, control_port};
  for (const std::string& region : own.regions) names.push_back(region_port(region));
  for (const std::string& zone : own.gateways) {
    names.push_back(gateway_port(zone));
    names.push_back(hop_port(zone));
  }
  for (const std::string& zone : own.engines) names.push_back(engine_port(zone));
  // Last, so that the ports of a network from before there was a meter stay.
  names.push_back(meter_port);
  return names;
}

Result<Plan> make_plan(world::Contents world, std::vector<ReadyFile> ready,
                       const PlanInputs& inputs) {
  TRY_DO(check_own_address(inputs.options));
  world::Contents all = with_ready(world, ready);
  const OwnParts own = own_parts(all, inputs.options.engines);
  Plan plan;
  plan.admin_url = admin_url(inputs.options, inputs.ports.of(admin_port));
  plan.folders = {inputs.home.control(), inputs.home.meter(), inputs.home.logs()};
  plan.leaves = {{.name = control_name,
                  .identity = {.network = local_network,
                               .kind = seal::Identity::Kind::control,
                               .zone = {},
                               .id = control_name}},
                 {.name = meter_name,
                  .identity = {.network = local_network,
                               .kind = seal::Identity::Kind::meter,
                               .zone = {},
                               .id = meter_name}}};
  for (const std::string& name : port_names(all, inputs.options.engines)) {
    plan.ports[name] = inputs.ports.of(name);
  }
  plan.processes.push_back(plan_control(inputs));
  TRY_DO(plan_engines(plan, all, own, inputs));
  plan.processes.push_back(plan_meter(inputs));
  plan_gateways(plan, all, world, own, inputs);
  plan.world = std::move(world);
  TRY_DO(fill_in_world(plan.world, own, inputs.ports, inputs.options));
  TRY_DO(fill_in_world(all, own, inputs.ports, inputs.options));
  name_served_models(all, own, inputs.ports, inputs.options);
  plan.ready = filled_in(std::move(ready), all);
  plan.zones = plan_zones(all, plan.world, own, inputs);
  return plan;
}

}  // namespace portolan::cli
