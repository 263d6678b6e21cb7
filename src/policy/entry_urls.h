#pragma once

#include <span>
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

// The Fault of a request that may not enter in zone `here`; ends in `urls`.
Fault wrong_region(const model::World& world, ZoneIndex here, std::string_view reason,
                   std::span<const std::string> urls);

}  // namespace portolan::policy
