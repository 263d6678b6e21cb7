#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/keyring.h"
#include "model/restrictions.h"
#include "model/world.h"

namespace portolan::model {

// Rules as masks. Workspaces with equal labels share a policy class, models with
// equal labels a weights class; for each interval between rule dates one table
// says where that pair may be. Made by policy::compile_masks, read by
// policy::allowed_zones.
struct MaskTables {
  struct Interval {
    WallTime from;  // inclusive; lasts until the next one's
    std::vector<ZoneMask> masks;  // [policy class * weights_classes + weights class]
  };

  std::vector<std::uint32_t> policy_class;   // by WorkspaceIndex
  std::vector<std::uint32_t> weights_class;  // by ModelIndex
  std::uint32_t weights_classes = 0;
  std::vector<Interval> intervals;           // ascending; the first begins at INT64_MIN
};

// What a request is decided against: World, Keyring and Restrictions held
// together, with the masks that follow from them. A value of shared, immutable
// parts; copying it pins them.
struct View {
  std::shared_ptr<const World> world;
  std::shared_ptr<const Keyring> keyring;
  std::shared_ptr<const Restrictions> restrictions;
  std::shared_ptr<const MaskTables> masks;
  WallTime keyring_confirmed{0};  // when control last said that this Keyring is current

  bool complete() const { return world && keyring && restrictions && masks; }
};

}  // namespace portolan::model
