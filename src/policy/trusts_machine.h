#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "model/restrictions.h"

namespace portolan::policy {

// Whether a process of the network is still believed, whatever certificate it shows: its id was
// not revoked. Null, before there are any: nothing was. Errors: untrusted_peer.
Status trusts_machine(const std::shared_ptr<const model::Restrictions>& restrictions,
                      const std::string& id);

}  // namespace portolan::policy
