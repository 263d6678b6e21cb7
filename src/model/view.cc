#include "model/view.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"

namespace portolan::model {

const MaskTables::Interval& MaskTables::at(WallTime now) const {
  check(!intervals.empty() && intervals.front().from.ns == INT64_MIN,
        "mask tables begin at the beginning of time");
  const auto next = std::ranges::upper_bound(intervals, now, {}, &Interval::from);
  return *std::prev(next);
}

const ZoneMask& MaskTables::zones(WorkspaceIndex workspace, ModelIndex model, WallTime now) const {
  check(workspace.value < policy_class.size() && model.value < weights_class.size(),
        "positions of another World or Keyring");
  const std::size_t row = policy_class[workspace.value];
  return at(now).masks[row * weights_classes + weights_class[model.value]];
}

const ZoneMask& MaskTables::data_zones(WorkspaceIndex workspace, WallTime now) const {
  check(workspace.value < policy_class.size(), "a position of another Keyring");
  return at(now).data_masks[policy_class[workspace.value]];
}

bool View::complete() const {
  return world && keyring && restrictions && has_masks_of(*world, *keyring);
}

bool View::has_masks_of(const World& of_world, const Keyring& of_keyring) const {
  return masks && masks->world_hash == of_world.hash() && masks->world == of_world.version() &&
         masks->workspaces == of_keyring.workspaces_version();
}

ZoneMask zones_restricted(const World& world, const std::unordered_set<std::string>& names) {
  ZoneMask mask;
  for (const std::string& name : names) {
    if (const auto zone = world.find_zone(name)) mask.add(*zone);
    if (const auto region = world.find_region(name)) mask |= world.zones_of_region(*region);
  }
  return mask;
}

}  // namespace portolan::model
