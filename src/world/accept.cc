#include "world/accept.h"

#include <fmt/format.h>

namespace portolan::world {
namespace {

Fault stale(std::string message) {
  return Fault{Code::stale_version, Retry::never, std::move(message)};
}

}  // namespace

Status accept(const std::optional<Seen>& highest, const Seen& incoming) {
  if (!highest) return {};
  const model::Version& held = highest->version;
  const model::Version& offered = incoming.version;
  if (held.network != offered.network) {
    return Fault{Code::untrusted_peer, Retry::never,
                 fmt::format("It is of network '{}', and this gateway belongs to '{}'.",
                             offered.network, held.network)};
  }
  if (model::older(offered, held)) {
    return stale(fmt::format("Version {}.{} is older than {}.{}, which this gateway has seen.",
                             offered.epoch, offered.number, held.epoch, held.number));
  }
  const bool known = !incoming.hash.empty() && !highest->hash.empty();
  if (offered == held && known && incoming.hash != highest->hash) {
    return stale(
        fmt::format("Version {}.{} comes with other content than before; after a restore "
                    "control must raise its epoch.",
                    offered.epoch, offered.number));
  }
  return {};
}

Status accept_keyring(const model::Keyring& held, const model::Keyring& incoming) {
  if (incoming.version().epoch > held.version().epoch) return {};
  const bool shrinks = incoming.keys().size() < held.keys().size() ||
                       incoming.workspaces().size() < held.workspaces().size() ||
                       incoming.orgs().size() < held.orgs().size();
  if (!shrinks) return {};
  return stale(
      fmt::format("The Keyring shrinks from {} keys, {} workspaces and {} orgs to {}, {} "
                  "and {} within one epoch; revoked keys stay in it.",
                  held.keys().size(), held.workspaces().size(), held.orgs().size(),
                  incoming.keys().size(), incoming.workspaces().size(), incoming.orgs().size()));
}

}  // namespace portolan::world
