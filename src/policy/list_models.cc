#include "policy/list_models.h"

namespace portolan::policy {

std::vector<ModelIndex> list_models(const model::View& view, const Caller& caller,
                                    const EntryGrant& grant, WallTime now) {
  if (!view.complete() || grant.world != view.world.get()) return {};
  const auto workspace = workspace_of(view, caller);
  if (!workspace || !view.masks->data_zones(*workspace, now).contains(grant.here)) return {};
  const model::World& world = *view.world;
  const model::ZoneMask permitted =
      grant.zones - model::zones_restricted(world, view.restrictions->denied);
  std::vector<ModelIndex> models;
  for (std::size_t i = 0; i < world.network().models.size(); ++i) {
    const ModelIndex model{static_cast<std::uint32_t>(i)};
    const model::ZoneMask zones =
        permitted & world.placement(model) & view.masks->zones(*workspace, model, now);
    if (!zones.empty()) models.push_back(model);
  }
  return models;
}

}  // namespace portolan::policy
