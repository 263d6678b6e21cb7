#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/opening.h"
#include "world/resource.h"

namespace portolan::control {

// What an opening is about, as names.
struct OpeningPlace {
  std::string region{};
  std::vector<std::string> zones{};  // that are opened, by name
  friend bool operator==(const OpeningPlace&, const OpeningPlace&) = default;
};

// Errors: resource_not_found where its region or zone is gone, or the region has no zone.
Result<OpeningPlace> place_of(const world::Contents& contents, const model::Opening& opening);

// Zones outside of the place, by name: those that the opening names, of regions all; where it
// names none, all that share a scope with the place. Errors: resource_not_found for a name that is
// no zone or region; those of World::make.
Result<std::vector<std::string>> neighbours_of(const world::Contents& contents,
                                               const model::Opening& opening,
                                               const OpeningPlace& place);

// The zones of a scope, by name. Errors: resource_not_found for a scope that is not there; those
// of World::make.
Result<std::vector<std::string>> zones_of_scope(const world::Contents& contents,
                                                std::string_view scope);

}  // namespace portolan::control
