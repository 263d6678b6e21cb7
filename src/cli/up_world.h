#pragma once

#include <set>
#include <string>

#include "base/result.h"
#include "cli/ports.h"
#include "cli/up_options.h"
#include "world/resource.h"

namespace portolan::cli {

// Which parts of a World run on this machine, because it says of no other place
// where they are.
struct OwnParts {
  std::set<std::string> regions;   // without a URL, and with a gateway of ours
  std::set<std::string> gateways;  // zones without gateways
  std::set<std::string> engines;   // zones with an engine that has no URL
};
OwnParts own_parts(const world::Contents& world, EngineChoice engines);

// Names of ports, and of what listens there.
std::string gateway_id(const std::string& zone);
std::string region_port(const std::string& region);
std::string gateway_port(const std::string& zone);
std::string hop_port(const std::string& zone);
std::string engine_port(const std::string& zone);

// Errors: bad_configuration for an address that nobody could call.
Status check_own_address(const UpOptions& options);
// HOST:PORT, where UpOptions says that this machine is reached.
std::string own_address(const UpOptions& options, std::uint16_t port);
// Of a front door, in clear.
std::string own_url(const UpOptions& options, std::uint16_t port);
// Of the admin API: TLS where others reach it.
std::string admin_url(const UpOptions& options, std::uint16_t port);
// Of an engine, which its zone's gateway asks from beside it.
std::string engine_url(std::uint16_t port);

// Writes the URLs of our own parts into the World. Errors: bad_configuration,
// for an engine that nobody here can be.
Status fill_in_world(world::Contents& world, const OwnParts& own, const Ports& ports,
                     const UpOptions& options);

// By what name a zone's one engine of ours knows its model: that of the first one deployed there.
std::string engine_alias(const world::Contents& world, const std::string& zone);
// Writes into a World that is filled in what our engines call each model (`served_as`), for who
// holds an engine's list of models against its deployment.
void name_served_models(world::Contents& world, const OwnParts& own, const Ports& ports,
                        const UpOptions& options);

}  // namespace portolan::cli
