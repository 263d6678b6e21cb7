#include "policy/may_execute.h"

#include <fmt/format.h>

#include "policy/authenticate.h"
#include "policy/sentence.h"
#include "policy/test_seams.h"
#include "policy/zones_of_narrowing.h"
#include "policy/zones_of_scopes.h"
#include "policy/zones_under_rules.h"

namespace portolan::policy {
namespace {

using model::HopFacts;
using model::View;
using model::ZoneMask;

Fault skew(const model::World& world, ZoneIndex here, std::string_view reason) {
  return refuse_here(Code::world_skew,
                     fmt::format("Zone '{}' does not execute it under World {}: {}",
                                 world.zone(here).name, world.version().number, reason));
}

// Where both the entry's account of the scopes and this gateway's let it run.
Result<ZoneMask> zones_in_scopes(const View& view, const HopFacts& facts, const Caller& caller) {
  const model::World& world = *view.world;
  const auto& own = view.keyring->workspace(caller.workspace).scopes;
  TRY(const auto told, zones_of_scopes(world, facts.workspace_scopes, facts.key_scopes));
  TRY(const auto known, zones_of_scopes(world, own, caller.key_scopes));
  ZoneMask zones = told.zones & known.zones;
  for (const std::string& name : facts.requested_scopes) {
    TRY(const auto requested, zones_of_requested_scope(world, name));
    zones &= requested.zones;
  }
  TRY(const auto named, zones_of_narrowing(world, facts.only, facts.ignore));
  return zones & named;
}

// The same for rules: the labels told and those known each bind.
ZoneMask zones_in_law(const View& view, const HopFacts& facts, const Caller& caller,
                      ModelIndex model, WallTime now) {
  const ZoneMask known = view.masks->zones(caller.workspace, model, now);
  if (facts.labels == view.keyring->workspace(caller.workspace).labels) return known;
  const RuleSubject told{&view.world->model(model).labels, facts.labels, now};
  return known & zones_under_rules(*view.world, told);
}

Status permitted_here(const View& view, const HopFacts& facts, ModelIndex model, ZoneIndex here,
                      WallTime now) {
  const Caller named{
      .workspace = {}, .workspace_name = facts.workspace, .key_id = facts.key_id, .key_scopes = {}};
  TRY(const auto caller, authenticate_again(view, named, now));
  TRY(const auto scoped, zones_in_scopes(view, facts, caller));
  if (!scoped.contains(here)) {
    return refuse(Code::scope_denied, "scopes and narrowing leave this zone out.");
  }
  if (!zones_in_law(view, facts, caller, model, now).contains(here)) {
    return refuse(Code::model_denied, "a rule denies this zone.");
  }
  const ZoneMask restricted = model::zones_restricted(*view.world, view.restrictions->drained) |
                              model::zones_restricted(*view.world, view.restrictions->denied);
  if (restricted.contains(here)) {
    return refuse(Code::draining, "a restriction drains or denies this zone.");
  }
  return {};
}

}  // namespace

Result<ModelIndex> may_execute(const View& view, const HopFacts& facts, ZoneIndex here,
                               WallTime now) {
  if (!view.complete()) return no_world();
  const model::World& world = *view.world;
  const auto model = world.find_model(facts.model);
  if (!model) return skew(world, here, fmt::format("no model {}.", in_quotes(facts.model)));
  if (!world.placement(*model).contains(here)) {
    return skew(world, here, fmt::format("model {} is not deployed here.", in_quotes(facts.model)));
  }
  if (test_seams.skip_executor_mask) return *model;
  if (const auto permitted = permitted_here(view, facts, *model, here, now); !permitted) {
    return skew(world, here, permitted.error().message);
  }
  return *model;
}

}  // namespace portolan::policy
