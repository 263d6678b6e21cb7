#pragma once

#include <fmt/format.h>

#include <string>

// For tests: a region of two zones that is to be opened, and another one of one zone, as resources.
namespace portolan::sim::testing {

// The place, the region that is there already, and what they serve.
inline const std::string places = R"(apiVersion: portolan/v1
kind: Region
metadata: {name: north}
spec: {country: DE, latitude: 50.1, longitude: 8.7, groups: [eu], url: "http://gateway-a:8000"}
---
kind: Region
metadata: {name: south}
spec: {country: SG, latitude: 1.4, longitude: 103.8, groups: [apac]}
---
kind: Model
metadata: {name: chat}
spec:
  digest: "sha256:b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
  context: 4096
  features: [chat, completions, stream]
---
kind: Scope
metadata: {name: everywhere}
spec: {include: ["*"]}
---
kind: Scope
metadata: {name: south}
spec: {include: [south]}
---
kind: Org
metadata: {name: demo}
---
kind: Workspace
metadata: {name: everywhere, org: demo}
spec: {scopes: [everywhere]}
---
kind: Org
metadata: {name: opening}
)";

inline std::string zone_text(const std::string& letter, const std::string& region) {
  return fmt::format(
      "---\nkind: Zone\nmetadata: {{name: zone-{0}}}\nspec:\n  region: {1}\n  gateways:\n"
      "    - {{id: gateway-{0}, url: \"http://gateway-{0}:8000\", hop: \"gateway-{0}:8001\"}}\n"
      "---\nkind: Deployment\nmetadata: {{name: chat.zone-{0}}}\n"
      "spec: {{model: chat, zone: zone-{0}, engines: [{{kind: llama.cpp, "
      "url: \"http://engine-{0}:9000\", slots: 16}}]}}\n",
      letter, region);
}

// An Opening and what lets probes in, without the rule that closes the place.
inline std::string probing_text(const std::string& name, const std::string& spec) {
  return fmt::format(
      "---\nkind: Opening\nmetadata: {{name: {0}}}\nspec: {{{1}}}\n"
      "---\nkind: Scope\nmetadata: {{name: opening-{0}}}\n"
      "spec: {{include: [north], entry: anywhere}}\n"
      "---\nkind: Workspace\nmetadata: {{name: opening-{0}, org: opening}}\n"
      "spec: {{scopes: [opening-{0}], labels: {{opening: probe}}}}\n"
      "---\nkind: Workspace\nmetadata: {{name: opening-{0}-outside, org: opening}}\n"
      "spec: {{scopes: [opening-{0}]}}\n",
      name, spec);
}

// `closed` as in "region: [north]".
inline std::string closing_text(const std::string& name, const std::string& closed) {
  return fmt::format(
      "---\nkind: Rule\nmetadata: {{name: opening-{0}}}\n"
      "spec: {{deny: {{data: {{opening: \"no\"}}, to: {{{1}}}}}, reason: closed, source: a "
      "test}}\n",
      name, closed);
}

inline const std::string three_zones =
    places + zone_text("a", "north") + zone_text("b", "north") + zone_text("c", "south");
inline const std::string open_region =
    three_zones + probing_text("north", "region: north, load: 8");
inline const std::string region_to_open = open_region + closing_text("north", "region: [north]");
inline const std::string zone_to_open =
    three_zones + probing_text("b", "zone: zone-b") + closing_text("b", "zone: [zone-b]");

}  // namespace portolan::sim::testing
