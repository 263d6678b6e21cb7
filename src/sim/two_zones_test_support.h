#pragma once

#include "sim/atlas.h"

// For stories: two regions of one zone each, and a scope of both.
namespace portolan::sim {

inline Atlas two_zones() {
  Atlas atlas;
  atlas.regions = {{"north", "DE", "eu", 50.1, 8.7}, {"south", "SG", "apac", 1.4, 103.8}};
  atlas.zones = {{"zone-a", 0, true}, {"zone-b", 1, true}};
  atlas.workspaces = {{"everywhere", {"everywhere"}, "public"}};
  atlas.editions = {{{.name = "everywhere", .include = {"*"}, .exclude = {}, .anywhere = false}}};
  return atlas;
}

}  // namespace portolan::sim
