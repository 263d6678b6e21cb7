#pragma once

#include "model/view.h"

namespace portolan::policy {

// All rules of a World as masks, so that a request pays one lookup for them.
//
// Workspaces that meet the same rules' data side share a policy class, models
// that meet the same rules' weights side a weights class, and every date of a
// rule begins an interval. A rule therefore starts and ends on time with no new
// World and with control off. Slow (off the shards): classes x classes x dates.
model::MaskTables compile_masks(const model::World& world, const model::Keyring& keyring);

}  // namespace portolan::policy
