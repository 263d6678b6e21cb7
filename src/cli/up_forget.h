#pragma once

#include <string>
#include <utility>
#include <vector>

#include "world/resource.h"

namespace portolan::cli {

using ForgottenResource = std::pair<world::Kind, std::string>;

// What `up` applied before and its World no longer names, in an order in which
// each can be deleted: who refers comes before what is referred to. Scopes,
// workspaces and orgs stay, because keys and usage name them; so does whatever
// somebody else applied.
std::vector<ForgottenResource> forgotten_resources(const world::Contents& before,
                                                   const world::Contents& now);

}  // namespace portolan::cli
