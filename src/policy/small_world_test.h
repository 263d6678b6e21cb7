#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "model/credential.h"
#include "policy/compile_masks.h"

// A network that tests of decisions share: three regions of two zones, of which
// each test changes what it is about.
namespace portolan::policy {

// The raw parts of a view.
struct Parts {
  model::Network network;
  model::Keyring::Content content;
  model::Restrictions restrictions;
  WallTime confirmed{1};

  model::View view() const {
    model::View view;
    auto world = model::World::make(network, {"net", 1, 1}, "hash");
    check(world.has_value(), world ? "" : world.error().message);
    auto keyring = model::Keyring::make(content, {"net", 1, 1});
    check(keyring.has_value(), keyring ? "" : keyring.error().message);
    view.world = std::make_shared<const model::World>(std::move(*world));
    view.keyring = std::make_shared<const model::Keyring>(std::move(*keyring));
    view.restrictions = std::make_shared<const model::Restrictions>(restrictions);
    view.masks =
        std::make_shared<const model::MaskTables>(compile_masks(*view.world, *view.keyring));
    view.keyring_confirmed = confirmed;
    return view;
  }
};

// The same number gives the same key.
inline model::NewKey numbered_key(unsigned char number) {
  return model::make_key({number}, {number, number});
}

inline model::Region region(std::string name, std::string country, double latitude,
                            double longitude) {
  model::Region region;
  region.url = "https://" + name + ".example";
  region.name = std::move(name);
  region.country = std::move(country);
  region.latitude = latitude;
  region.longitude = longitude;
  return region;
}

inline model::Workspace workspace(std::string name, std::vector<std::string> scopes) {
  model::Workspace workspace;
  workspace.name = std::move(name);
  workspace.org = "demo";
  workspace.scopes = std::move(scopes);
  return workspace;
}

inline void deploy(Parts& parts, const std::string& model, const std::string& zone) {
  parts.network.deployments.push_back({model + "." + zone, model, zone, {{}}});
}

// cn-a cn-b (CN), eu-1-a eu-1-b (DE, group eu), sg-a sg-b (SG). Model `small`
// runs in all of them. Scopes: global, eu, cn, and `open`, which is eu with its
// front door anywhere. Workspaces `eu` (key 1) and `global` (key 2).
inline Parts small_world() {
  Parts parts;
  parts.network.regions = {region("cn", "CN", 30.3, 120.2), region("eu-1", "DE", 50.1, 8.7),
                           region("sg", "SG", 1.35, 103.8)};
  parts.network.regions[1].groups = {"eu"};
  parts.network.models.resize(1);
  parts.network.models[0].name = "small";
  for (const std::string name : {"cn", "eu-1", "sg"}) {
    for (const std::string letter : {"-a", "-b"}) {
      const std::string zone = name + letter;
      parts.network.zones.push_back(
          {zone, name, {}, {{"gw-" + zone, "https://" + zone + ".example", ""}}});
      deploy(parts, "small", zone);
    }
  }
  using model::Entry;
  parts.network.scopes = {{"global", {"*"}, {}, Entry::in_scope},
                          {"eu", {"eu"}, {}, Entry::in_scope},
                          {"cn", {"country:CN"}, {}, Entry::in_scope},
                          {"open", {"eu"}, {}, Entry::anywhere}};
  parts.content.orgs = {{"demo"}};
  parts.content.workspaces = {workspace("eu", {"eu"}), workspace("global", {"global"})};
  for (unsigned char number = 1; number <= 2; ++number) {
    const auto credential = numbered_key(number).credential;
    model::KeyRecord key;
    key.id = credential.id;
    key.digest = credential.digest;
    key.workspace = number == 1 ? "eu" : "global";
    parts.content.keys.push_back(key);
  }
  return parts;
}

inline ZoneIndex zone_of(const model::View& view, std::string_view name) {
  const auto zone = view.world->find_zone(name);
  check(zone.has_value(), "a zone of the small world");
  return *zone;
}

// "cn-a cn-b": the zones of a mask, in the World's order.
inline std::string names_of(const model::View& view, const model::ZoneMask& mask) {
  std::string out;
  mask.for_each([&](ZoneIndex zone) {
    if (!out.empty()) out += ' ';
    out += view.world->zone(zone).name;
  });
  return out;
}

}  // namespace portolan::policy
