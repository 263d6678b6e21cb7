#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/time.h"

namespace portolan::sim {

// What a scenario writes into its World, in plain names: the YAML is rendered
// from it and the oracle reads it. A member of a scope is "*", a zone, a region,
// a group or country:XX.
struct AtlasRegion {
  std::string name;
  std::string country;
  std::string group;
  double latitude = 0;
  double longitude = 0;
};

struct AtlasZone {
  std::string name;
  std::size_t region = 0;
  bool deployed = true;  // else a point of presence
};

struct AtlasScope {
  std::string name;
  std::vector<std::string> include;
  std::vector<std::string> exclude;
  bool anywhere = false;  // its front doors
};

struct AtlasWorkspace {
  std::string name;
  std::vector<std::string> scopes;
  std::string data_class;
};

// Denies a region, or requires a group, from a date on until another; for
// everybody's weights, or for the data of one class.
struct AtlasRule {
  std::string name;
  std::string denied_region;   // one of these two
  std::string required_group;
  std::string data_class;      // empty: it is about weights
  WallTime from;
  std::optional<WallTime> until;
};

struct Atlas {
  std::vector<AtlasRegion> regions;
  std::vector<AtlasZone> zones;
  std::vector<AtlasWorkspace> workspaces;
  std::vector<AtlasRule> rules;
  // The scopes of one World after the other; names and number are the same.
  std::vector<std::vector<AtlasScope>> editions;
};

// Names of a zone's machines, which are their addresses too.
std::string gateway_name(std::size_t zone);
std::string engine_name(std::size_t zone);

// Three regions of one or two zones each, scopes that leave out regions and
// zones, one of which changes from edition to edition, and rules that begin and
// end within `load`.
Atlas draw_atlas(Random& random);

// Its resources, with the scopes of that edition.
std::string render_atlas(const Atlas& atlas, std::size_t edition);

}  // namespace portolan::sim
