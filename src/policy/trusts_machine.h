#pragma once

#include <string>

#include "base/result.h"
#include "model/restrictions.h"
#include "model/view.h"

namespace portolan::policy {

// Whether a process of the network is still believed, whatever certificate it shows: its id was
// not revoked. Errors: untrusted_peer.
Status trusts_machine(const model::Restrictions& restrictions, const std::string& id);

// By what a gateway holds; without Restrictions nothing was revoked.
Status trusts_machine(const model::View& view, const std::string& id);

}  // namespace portolan::policy
