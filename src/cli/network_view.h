#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/resources.h"
#include "wire/json_value.h"

namespace portolan::cli {

// What the admin API answers that a picture of the network is made of.
struct NetworkAnswers {
  wire::Json network;       // GET /admin/v1/worlds/current
  wire::Json worlds;        // GET /admin/v1/worlds
  wire::Json gateways;      // GET /admin/v1/gateways
  wire::Json restrictions;  // GET /admin/v1/restrictions
};

// So many of all.
struct Share {
  std::size_t some = 0;
  std::size_t all = 0;
  friend bool operator==(const Share&, const Share&) = default;
};

// The oldest World that is held by gateways that live, and by how many numbers
// the newest is ahead of it; nothing when they are of two epochs of control.
struct HeldWorld {
  std::uint64_t number = 0;
  std::optional<std::uint64_t> behind;
  friend bool operator==(const HeldWorld&, const HeldWorld&) = default;
};

struct ZoneView {
  // `entry_only`: it has no engines, and should have none.
  enum class State : std::uint8_t {
    serving,
    entry_only,
    probing,
    drained,
    denied,
    no_engine,
    no_world,
    silent,
    no_gateway
  };

  std::string name;
  std::string region;
  State state = State::no_gateway;
  std::optional<Duration> seen;  // so long ago; nothing: never
  Share gateways;                // that live
  Share engines;                 // that are healthy, when `engines_known`
  bool engines_known = false;
  std::vector<std::string> models;
  std::optional<HeldWorld> world;

  bool well() const { return state == State::serving || state == State::entry_only; }
};

struct RegionView {
  model::Region region;
  std::vector<ZoneView> zones;
};

// One gateway's reason not to take what control sends.
struct RefusalView {
  std::string gateway;
  std::string sentence;
};

// The network as control knows it: regions by name, zones by name in them.
struct NetworkView {
  std::uint64_t world = 0;
  std::string world_hash;
  std::vector<RegionView> regions;
  std::vector<RefusalView> refusals;
};

// Errors: malformed_peer.
Result<NetworkView> view_network(const NetworkAnswers& answers);

// Only what lies in one of these places, which are zones, regions, groups or
// country:XX. Errors: invalid_parameter for a place that there is not.
Result<NetworkView> keep_places(NetworkView view, const std::vector<std::string>& places);

// "silent", "entry only": for tables and JSON alike.
std::string_view name_of(ZoneView::State state);

// All zones of a region together; the same shape as one zone's.
struct Total {
  Share zones;  // that are well
  Share gateways;
  Share engines;
  bool engines_known = true;
  std::vector<std::string> models;
  std::optional<HeldWorld> world;
};
Total total_of(const std::vector<ZoneView>& zones);

}  // namespace portolan::cli
