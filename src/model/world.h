#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "model/name_map.h"
#include "model/resources.h"
#include "model/version.h"
#include "model/zone_mask.h"

namespace portolan::model {

// One immutable snapshot of network, catalogue, scopes, rules and prices, with the
// indices that decisions need. Positions (ZoneIndex ...) are valid in this World
// alone. Shared between threads; nothing in it changes after make().
class World {
 public:
  // Errors: invalid_resource for a dangling reference, a repeated name, alias or
  // gateway id, a name of two kinds of place, a value no such thing can have, a
  // scope with no zone, or more than a limit allows; the sentence names it.
  static Result<World> make(Network network, Version version, std::string hash);

  const Version& version() const { return version_; }
  const std::string& hash() const { return hash_; }  // sha256 of its canonical JSON, hex
  const Network& network() const { return network_; }

  std::size_t zone_count() const { return network_.zones.size(); }
  const Zone& zone(ZoneIndex zone) const { return network_.zones[zone.value]; }
  const Region& region(RegionIndex region) const { return network_.regions[region.value]; }
  const Model& model(ModelIndex model) const { return network_.models[model.value]; }
  const Scope& scope(ScopeIndex scope) const { return network_.scopes[scope.value]; }

  RegionIndex region_of(ZoneIndex zone) const { return region_of_zone_[zone.value]; }
  std::optional<ZoneIndex> find_zone(std::string_view name) const;
  std::optional<RegionIndex> find_region(std::string_view name) const;
  std::optional<ModelIndex> find_model(std::string_view name_or_alias) const;
  std::optional<ScopeIndex> find_scope(std::string_view name) const;

  const ZoneMask& zones_of_region(RegionIndex region) const { return region_masks_[region.value]; }
  const ZoneMask& zones_of_scope(ScopeIndex scope) const { return scope_masks_[scope.value]; }
  // The zones with a share below 100.
  const ZoneMask& partial_zones() const { return partial_; }
  // The zones where the model has a deployment.
  const ZoneMask& placement(ModelIndex model) const { return placements_[model.value]; }
  // The deployment of a model in a zone, or null.
  const Deployment* deployment(ModelIndex model, ZoneIndex zone) const;

  // The zones that a member expression names: a zone, region or group name,
  // country:XX, or *. Nothing when it names none of them. A country with no
  // region in this World has no zones, which is not the same.
  std::optional<ZoneMask> zones_named(std::string_view member) const;

 private:
  World() = default;
  static std::uint64_t deployment_key(ModelIndex model, ZoneIndex zone) {
    return std::uint64_t{model.value} << 16 | zone.value;
  }
  Status index_regions();
  Status index_zones();
  Status index_gateways();
  Status index_models();
  Status index_deployments();
  Status index_scopes();
  Status check_rules() const;
  Status check_members(const Scope& scope) const;

  Version version_;
  std::string hash_;
  Network network_;
  NameMap<ZoneIndex> zones_;
  NameMap<RegionIndex> regions_;
  NameMap<ModelIndex> models_;
  NameMap<ScopeIndex> scopes_;
  NameMap<ZoneMask> members_;  // groups, and country:XX of the regions
  ZoneMask partial_;
  std::vector<RegionIndex> region_of_zone_;
  std::vector<ZoneMask> region_masks_;
  std::vector<ZoneMask> scope_masks_;
  std::vector<ZoneMask> placements_;
  std::unordered_map<std::uint64_t, std::size_t> deployments_;  // by deployment_key
};

}  // namespace portolan::model
