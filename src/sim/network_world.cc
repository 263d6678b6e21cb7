#include "sim/network_world.h"

#include <fmt/format.h>

namespace portolan::sim {
namespace {

constexpr std::string_view north = R"(apiVersion: portolan/v1
kind: Region
metadata: {name: north}
spec: {country: DE, latitude: 50.1, longitude: 8.7, groups: [eu], url: "http://gateway-a:8000"}
)";
constexpr std::string_view south = R"(---
kind: Region
metadata: {name: south}
spec: {country: SG, latitude: 1.4, longitude: 103.8, groups: [apac], url: "http://gateway-b:8000"}
)";
constexpr std::string_view rest = R"(---
kind: Scope
metadata: {name: everywhere}
spec: {include: ["*"]}
---
kind: Scope
metadata: {name: only-a}
spec: {include: [zone-a], entry: anywhere}
---
kind: Scope
metadata: {name: only-b}
spec: {include: [zone-b]}
---
kind: Org
metadata: {name: demo}
---
kind: Workspace
metadata: {name: everywhere, org: demo}
spec: {scopes: [everywhere], labels: {data-class: public}}
---
kind: Workspace
metadata: {name: only-a, org: demo}
spec: {scopes: [only-a], labels: {data-class: public}}
---
kind: Workspace
metadata: {name: only-b, org: demo}
spec: {scopes: [only-b], labels: {data-class: public}}
---
kind: Model
metadata: {name: chat}
spec:
  digest: "sha256:b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
  context: 4096
  features: [chat, completions, stream]
  labels: {export-class: open}
)";

std::string render_zone(char letter, std::string_view region) {
  return fmt::format(
      "---\nkind: Zone\nmetadata: {{name: zone-{0}}}\n"
      "spec:\n  region: {1}\n  gateways:\n"
      "    - {{id: gateway-{0}, url: \"http://gateway-{0}:8000\", hop: \"gateway-{0}:8001\"}}\n"
      "---\nkind: Deployment\nmetadata: {{name: chat.zone-{0}}}\n"
      "spec: {{model: chat, zone: zone-{0}, engines: "
      "[{{kind: llama.cpp, url: \"http://engine-{0}:9000\", slots: 4}}]}}\n",
      letter, region);
}

char letter_of(std::size_t zone) { return static_cast<char>('a' + zone); }

}  // namespace

std::string gateway_name(std::size_t zone) { return fmt::format("gateway-{}", letter_of(zone)); }
std::string engine_name(std::size_t zone) { return fmt::format("engine-{}", letter_of(zone)); }

std::string render_network(bool one_region) {
  std::string text(north);
  if (!one_region) text += south;
  text += render_zone('a', "north");
  text += render_zone('b', one_region ? "north" : "south");
  text += rest;
  return text;
}

}  // namespace portolan::sim
