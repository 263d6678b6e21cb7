#pragma once

#include <cstddef>
#include <string>

#include "cli/network_view.h"

namespace portolan::cli {

// A table for people, with what is wrong below it. Columns that do not fit into
// `columns` characters are left out, and named; 0: all fit.
std::string render_regions(const NetworkView& view, std::size_t columns);
std::string render_zones(const NetworkView& view, std::size_t columns);

// The same for programs: {"world": ..., "items": [...]}.
wire::Json regions_json(const NetworkView& view);
wire::Json zones_json(const NetworkView& view);

}  // namespace portolan::cli
