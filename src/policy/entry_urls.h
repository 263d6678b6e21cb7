#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/request_facts.h"
#include "policy/authenticate.h"

namespace portolan::policy {

// The front doors that would take the request, for the answer that refuses it
// elsewhere: a region's URL where all of its zones would, else those of the
// zones' own gateways. By region's name; drained and denied zones are left out.
// `narrowing` holds what the body asks besides, if it was read. Empty also when a
// name in it is unknown.
std::vector<std::string> entry_urls(const model::View& view, const Caller& caller,
                                    std::string_view scope_header,
                                    const model::Narrowing& narrowing, WallTime now);

// The same for zones that are already known to do.
std::vector<std::string> urls_of_zones(const model::World& world, const model::ZoneMask& zones);

}  // namespace portolan::policy
