#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/time.h"
#include "model/keyring.h"
#include "model/restrictions.h"
#include "model/world.h"

namespace portolan::model {

// Rules as masks. Workspaces that are the same to all rules share a policy class,
// such models a weights class; for each interval between rule dates one table
// says where that pair may be. Made by policy::compile_masks.
struct MaskTables {
  struct Interval {
    WallTime from;                     // inclusive; lasts until the next one's
    std::vector<ZoneMask> masks;       // [policy class * weights_classes + weights class]
    std::vector<ZoneMask> data_masks;  // [policy class]: what rules leave whatever the model
  };

  // Of which World, and of which workspaces (Keyring::workspaces_version); the positions
  // below mean nothing under others.
  std::string world_hash;
  Version world;
  Version workspaces;

  std::vector<std::uint32_t> policy_class;   // by WorkspaceIndex
  std::vector<std::uint32_t> weights_class;  // by ModelIndex
  std::uint32_t weights_classes = 0;
  std::vector<Interval> intervals;  // ascending; the first begins at INT64_MIN

  // The interval that holds `now`.
  const Interval& at(WallTime now) const;
  // Where the pair may be; where the workspace's data may be, whatever the model.
  const ZoneMask& zones(WorkspaceIndex workspace, ModelIndex model, WallTime now) const;
  const ZoneMask& data_zones(WorkspaceIndex workspace, WallTime now) const;
};

// What a request is decided against: World, Keyring and Restrictions held
// together, with the masks that follow from them. A value of shared, immutable
// parts; copying it pins them.
struct View {
  std::shared_ptr<const World> world;
  std::shared_ptr<const Keyring> keyring;
  std::shared_ptr<const Restrictions> restrictions;
  std::shared_ptr<const MaskTables> masks;
  WallTime keyring_confirmed{0};  // when control last said that this Keyring is current; 0: never

  // All parts are there, and the masks are of this World and the Keyring's workspaces.
  bool complete() const;
  bool ever_confirmed() const { return keyring_confirmed != WallTime{0}; }
  // The masks that are held are of these.
  bool has_masks_of(const World& of_world, const Keyring& of_keyring) const;
};

// The zones of this World among names of zones and regions, as Restrictions has
// them; a name it does not know yet stands for none.
ZoneMask zones_restricted(const World& world, const std::unordered_set<std::string>& names);

}  // namespace portolan::model
