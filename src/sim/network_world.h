#pragma once

#include <cstddef>
#include <string>

namespace portolan::sim {

// Names of a zone's machines, which are their addresses too.
std::string gateway_name(std::size_t zone);
std::string engine_name(std::size_t zone);

// The resources of every simulated network: one model, `chat`, in both zones;
// scopes and workspaces `everywhere`, `only-a` (whose front door may be anywhere)
// and `only-b` (whose may not).
std::string render_network(bool one_region);

}  // namespace portolan::sim
