#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "world/resource.h"

namespace portolan::control {

// The resources that close a place to everybody's data and let probes in, made from its Opening.

inline constexpr std::string_view probing_org_name = "opening";
inline constexpr std::string_view probing_label = "opening";  // of workspaces: `opening: probe`

// Of the Rule, the Scope and the probing workspace.
std::string closing_name(std::string_view opening);
// Of the workspace whose data is as the probing one's and may not be there.
std::string outside_name(std::string_view opening);

// Data may be there only of workspaces that have the label `opening: probe`: every other value
// and none at all are met by it.
model::Rule closing_rule(const model::Opening& opening);
// The place, and where one zone of a region is opened, all of that region, which has to serve while
// that zone is gone. Requests may enter anywhere.
model::Scope probing_scope(const model::Network& network, const model::Opening& opening);
model::Org probing_org();
// The probing one and the one outside.
std::vector<model::Workspace> probing_workspaces(const model::Opening& opening);

// The zones that are opened, by name: of its region, or the one.
std::vector<model::Zone> zones_of(const model::Network& network, const model::Opening& opening);
// Those of them that have another share, with this one.
std::vector<world::Resource> zones_to_share(const model::Network& network,
                                            const model::Opening& opening, std::uint32_t percent);
// Whether data is kept out by its rule.
bool is_closed_by_rule(const model::Network& network, const model::Opening& opening);
// All zones of which that is true, of any opening.
std::set<std::string> closed_zones(const world::Contents& contents);

}  // namespace portolan::control
