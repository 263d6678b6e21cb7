#pragma once

#include <memory>
#include <string>
#include <utility>

#include "engines/engine_sim.h"
#include "gateway/run_gateway.h"
#include "seal/identity.h"
#include "sim/process.h"
#include "virtual/universe.h"

// For tests: a zone's machines and the real programs that run on them.
namespace portolan::sim::testing {

using runtime::Task;
using seal::Identity;

inline seal::SigningKey signing_key(unsigned char byte) {
  seal::KeySeed bytes{};
  bytes.fill(byte);
  return seal::SigningKey(bytes);
}

inline runtime::TlsMaterial shown_by(const Identity& identity) {
  return {.certificate = seal::render_identity(identity),
          .key = {},
          .authority = {},
          .require_peer = true};
}

struct OpeningSite {
  gateway::Options options;
  virtual_time::VirtualShard* gateway_machine = nullptr;
  virtual_time::VirtualShard* engine_machine = nullptr;
  std::unique_ptr<Process> gateway;
  std::unique_ptr<Process> engine;
  engines::EngineSim* sim = nullptr;  // while it runs
};

inline Task<Status> run_engine(OpeningSite& site, engines::EngineSimOptions options,
                               runtime::Event& stop) {
  CO_TRY(auto sim, engines::EngineSim::open(*site.engine_machine, std::move(options)));
  site.sim = sim.get();
  const Status stopped = co_await stop.wait();
  site.sim = nullptr;
  co_await sim->close();
  co_return stopped;
}

// Gateway and engine of zone-<letter>, each on a machine of its own.
inline std::unique_ptr<OpeningSite> make_site(virtual_time::Universe& universe,
                                              const std::string& letter) {
  auto made = std::make_unique<OpeningSite>();
  OpeningSite& site = *made;
  const std::string id = "gateway-" + letter;
  const std::string engine = "engine-" + letter;
  site.gateway_machine = &universe.add_machine(id);
  site.engine_machine = &universe.add_machine(engine);
  auto& options = site.options;
  options.network = "net";
  options.id = id;
  options.zone = "zone-" + letter;
  options.data = "/gateway";
  options.root = signing_key(1).verify_key();
  options.controls = {{"control", 7002}};
  options.control_identity = "spiffe://net/control/";
  options.meters = {{"meter", 7402}};
  options.tls = shown_by({"net", Identity::Kind::gateway, options.zone, id});
  options.front_doors = {{.address = {id, 8000}, .share_port = false, .credentials = nullptr}};
  options.hop = {id, 8001};
  options.access_log = "/gateway/access.log";
  site.gateway = std::make_unique<Process>(*site.gateway_machine, [&site](runtime::Event& stop) {
    return gateway::run_gateway(*site.gateway_machine, site.options, stop);
  });
  site.engine = std::make_unique<Process>(*site.engine_machine, [&site, engine](auto& stop) {
    engines::SimOptions simulated;
    simulated.model = "chat";
    simulated.slots = 16;
    return run_engine(site, {.listen = {{engine, 9000}}, .engine = simulated, .record = {}}, stop);
  });
  return made;
}

}  // namespace portolan::sim::testing
