#include "policy/trusts_machine.h"

namespace portolan::policy {

Status trusts_machine(const model::Restrictions& restrictions, const std::string& id) {
  if (!restrictions.revoked_machines.contains(id)) return {};
  return Fault{Code::untrusted_peer, Retry::elsewhere,
               "The machine '" + id +
                   "' was revoked: nothing of it is believed, and nothing is sent to it."};
}

Status trusts_machine(const model::View& view, const std::string& id) {
  if (!view.restrictions) return {};
  return trusts_machine(*view.restrictions, id);
}

}  // namespace portolan::policy
