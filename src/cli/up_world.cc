#include "cli/up_world.h"

#include <algorithm>

#include "cli/join_call.h"
#include "engines/sim_state.h"
#include "runtime/network.h"

namespace portolan::cli {
namespace {

Status check_kind(const model::Deployment& deployment, const model::Engine& engine,
                  EngineChoice engines) {
  if (engines == EngineChoice::sim || engine.kind == "llama.cpp") return {};
  return Fault{Code::bad_configuration, Retry::never,
               "Deployment " + deployment.name + " wants an engine of kind " + engine.kind +
                   " and says no URL; 'up' starts llama.cpp alone: give it a URL, or use "
                   "'--engines sim'"};
}

// What the simulator lists as its model.
std::string simulated_model(const UpOptions& options) {
  const auto flag = std::ranges::find(options.sim_args, "--model");
  if (flag != options.sim_args.end() && flag + 1 != options.sim_args.end()) return flag[1];
  return engines::SimOptions{}.model;
}

}  // namespace

std::string gateway_id(const std::string& zone) { return zone + "-1"; }
std::string region_port(const std::string& region) { return "region/" + region; }
std::string gateway_port(const std::string& zone) { return "gateway/" + gateway_id(zone); }
std::string hop_port(const std::string& zone) { return "hop/" + gateway_id(zone); }
std::string engine_port(const std::string& zone) { return "engine/" + zone; }

Status check_own_address(const UpOptions& options) {
  const runtime::Address given{options.address, 1};
  const auto parsed = runtime::parse_address(runtime::to_string(given));
  const bool is_any = options.address == "0.0.0.0" || options.address == "::";
  const bool has_port = std::ranges::count(options.address, ':') == 1;
  if (parsed && *parsed == given && !is_any && !has_port) return {};
  return Fault{Code::bad_configuration, Retry::never,
               "--address " + options.address +
                   " is nothing that other machines could call; give the name or address by which "
                   "they reach this one"};
}
std::string own_address(const UpOptions& options, std::uint16_t port) {
  return runtime::to_string(runtime::Address{options.address, port});
}
std::string own_url(const UpOptions& options, std::uint16_t port) {
  return "http://" + own_address(options, port);
}
std::string admin_url(const UpOptions& options, std::uint16_t port) {
  return (is_loopback(options.address) ? "http://" : "https://") + own_address(options, port);
}
std::string engine_url(std::uint16_t port) { return "http://127.0.0.1:" + std::to_string(port); }

OwnParts own_parts(const world::Contents& world, EngineChoice engines) {
  OwnParts own;
  std::set<std::string> with_gateway;
  for (const model::Zone& zone : world.network.zones) {
    if (!zone.gateways.empty()) continue;
    own.gateways.insert(zone.name);
    with_gateway.insert(zone.region);
  }
  for (const model::Region& region : world.network.regions) {
    if (region.url.empty() && with_gateway.contains(region.name)) own.regions.insert(region.name);
  }
  if (engines == EngineChoice::none) return own;
  for (const model::Deployment& deployment : world.network.deployments) {
    if (std::ranges::any_of(deployment.engines, [](const auto& e) { return e.url.empty(); })) {
      own.engines.insert(deployment.zone);
    }
  }
  return own;
}

Status fill_in_world(world::Contents& world, const OwnParts& own, const Ports& ports,
                     const UpOptions& options) {
  for (model::Region& region : world.network.regions) {
    if (own.regions.contains(region.name)) {
      region.url = own_url(options, ports.of(region_port(region.name)));
    }
  }
  for (model::Zone& zone : world.network.zones) {
    if (!own.gateways.contains(zone.name)) continue;
    zone.gateways = {{.id = gateway_id(zone.name),
                      .url = own_url(options, ports.of(gateway_port(zone.name))),
                      .hop = own_address(options, ports.of(hop_port(zone.name)))}};
  }
  for (model::Deployment& deployment : world.network.deployments) {
    if (!own.engines.contains(deployment.zone)) continue;
    for (model::Engine& engine : deployment.engines) {
      if (!engine.url.empty()) continue;
      TRY_DO(check_kind(deployment, engine, options.engines));
      engine.url = engine_url(ports.of(engine_port(deployment.zone)));
    }
  }
  return {};
}

std::string engine_alias(const world::Contents& world, const std::string& zone) {
  const auto& all = world.network.deployments;
  const auto first = std::ranges::find(all, zone, &model::Deployment::zone);
  return first == all.end() ? "" : first->model;
}

void name_served_models(world::Contents& world, const OwnParts& own, const Ports& ports,
                        const UpOptions& options) {
  const bool sim = options.engines == EngineChoice::sim;
  for (model::Deployment& deployment : world.network.deployments) {
    if (!own.engines.contains(deployment.zone)) continue;
    const auto url = engine_url(ports.of(engine_port(deployment.zone)));
    const auto name = sim ? simulated_model(options) : engine_alias(world, deployment.zone);
    for (model::Engine& engine : deployment.engines) {
      const bool ours = engine.url == url && engine.served_as.empty();
      if (ours && name != deployment.model) engine.served_as = name;
    }
  }
}

}  // namespace portolan::cli
