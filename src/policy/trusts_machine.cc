#include "policy/trusts_machine.h"

namespace portolan::policy {

Status trusts_machine(const std::shared_ptr<const model::Restrictions>& restrictions,
                      const std::string& id) {
  if (!restrictions || !restrictions->revoked_machines.contains(id)) return {};
  return Fault{Code::untrusted_peer, Retry::elsewhere,
               "The machine '" + id +
                   "' was revoked: nothing of it is believed, and nothing is sent to it."};
}

}  // namespace portolan::policy
