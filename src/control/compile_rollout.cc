#include "control/compile_rollout.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "control/former_keyring.h"
#include "control/rollout_codec.h"
#include "control/state_codec.h"
#include "world/validate.h"

namespace portolan::control {
namespace {

bool is_customer(world::Kind kind) {
  return kind == world::Kind::org || kind == world::Kind::workspace;
}

// It names what is in a World, and is in none.
bool is_beside(world::Kind kind) {
  return kind == world::Kind::parity_target || kind == world::Kind::opening;
}

// What goes back with its World.
std::vector<ResourceName> network_changes(const State& state, const Wish& wish) {
  std::vector<ResourceName> names = widened_workspaces(state, wish);
  for (const auto& resource : wish.put) {
    const ResourceName name{world::kind_of(resource), world::name_of(resource)};
    if (!is_customer(name.first)) names.push_back(name);
  }
  for (const auto& name : wish.removed) {
    if (!is_customer(name.first)) names.push_back(name);
  }
  return names;
}

Fault busy(const Rollout& rollout) {
  return Fault{Code::resource_conflict, Retry::never,
               fmt::format("World {} is on its way to the gateways{}; nothing else changes the "
                           "World until it is there or has gone back. 'portolan rollout status' "
                           "shows it, 'portolan rollout rollback' ends it. Workspaces, keys and "
                           "restrictions do not wait.",
                           rollout.world, rollout.phase == RolloutPhase::paused ? ", paused" : "")};
}

void put(Change& change, std::string key, std::string value) {
  change.transaction.puts.push_back({.key = std::move(key), .value = std::move(value), .lease = 0});
}

bool goes_out_with_it(const Change& change, const std::string& workspace) {
  const ResourceName name(world::Kind::workspace, workspace);
  return std::ranges::find(change.former, name) != change.former.end();
}

// Of one that zones get one after the other there are two, and no third.
Status check_held_workspaces(const State& state, const Change& change) {
  for (const auto& resource : change.wish.put) {
    const ResourceName name(world::kind_of(resource), world::name_of(resource));
    if (name.first != world::Kind::workspace) continue;
    if (std::ranges::find(state.former, name) == state.former.end()) continue;
    return Fault{Code::resource_conflict, Retry::never,
                 fmt::format("Workspace '{}' is on its way to the gateways with World {}, because "
                             "it was widened. 'portolan rollout status' shows how far it is; "
                             "'portolan rollout rollback' takes it back everywhere at once.",
                             name.second, state.rollout->world)};
  }
  return {};
}

Status check_workspaces(const Change& change, const world::Contents& before, std::uint64_t world) {
  std::set<std::string_view> known;
  for (const auto& scope : before.network.scopes) known.insert(scope.name);
  for (const auto& resource : change.wish.put) {
    const auto* workspace = std::get_if<model::Workspace>(&resource);
    if (workspace == nullptr || goes_out_with_it(change, workspace->name)) continue;
    for (const auto& scope : workspace->scopes) {
      if (known.contains(scope)) continue;
      return Fault{Code::invalid_resource, Retry::never,
                   fmt::format("Workspace '{}' names the scope '{}', which gateways learn of by "
                               "World {} alone. Apply the network first, and the workspace when "
                               "'portolan rollout status' says that it is done.",
                               workspace->name, scope, world)};
    }
  }
  return {};
}

// What asks for something that goes back with its World could not stay stored.
Status check_beside(const Change& change, const world::Contents& before, std::uint64_t world) {
  world::Contents wanted;
  wanted.network = before.network;
  for (const auto& resource : change.wish.put) {
    if (is_beside(world::kind_of(resource))) world::put(wanted, resource);
  }
  if (wanted.parity_targets.empty() && wanted.openings.empty()) return {};
  const auto problems = world::validate({}, wanted).problems;
  if (problems.empty()) return {};
  return Fault{
      Code::invalid_resource, Retry::never,
      fmt::format("A ParityTarget or Opening names what World {} alone has: {} Apply it when "
                  "'portolan rollout status' says that it is done.",
                  world, problems.front().sentence)};
}

}  // namespace

Status compile_rollout(const State& state, Change& change) {
  auto& wished = change.wish.rollout;
  const bool running = state.rollout && state.rollout->active();
  const bool begins = wished && wished->world == 0;
  if (change.world_payload && running && (!wished || begins)) return busy(*state.rollout);
  if (begins && !change.world_payload) wished.reset();
  if (wished && begins) {
    change.begins_rollout = true;
    wished->world = change.numbers.world;
    wished->from = state.numbers.world;
    wished->from_hash = state.numbers.world_hash;
    for (const auto& name : network_changes(state, change.wish)) {
      change.former.push_back(name);
      put(change, former_key(name), former_of(*state.contents, name).json);
    }
  }
  if (wished) {
    put(change, std::string(rollout_key), render_rollout(*wished));
    if (!wished->active()) {
      for (const auto& name : state.former) {
        change.transaction.deletes.push_back(former_key(name));
      }
    }
  }
  if (change.begins_rollout) return check_workspaces(change, *state.contents, wished->world);
  const bool goes_on = wished ? wished->active() : running;
  if (!goes_on) return {};
  TRY_DO(check_held_workspaces(state, change));
  TRY_DO(check_workspaces(change, *state.before, state.rollout->world));
  return check_beside(change, *state.before, state.rollout->world);
}

void apply_rollout(State& state, const Change& change) {
  if (!change.wish.rollout) return;
  state.rollout = change.wish.rollout;
  if (change.begins_rollout) {
    state.before = state.contents;
    state.former = change.former;
  }
  if (state.rollout->active()) return;
  state.before = nullptr;
  state.former.clear();
}

Wish wish_to_go_back(const State& state, std::string why, WallTime now) {
  Wish wish;
  wish.rollout = state.rollout;
  wish.rollout->phase = RolloutPhase::gone_back;
  wish.rollout->ended = now;
  wish.rollout->why = std::move(why);
  auto contents = *state.contents;
  contents.network = state.before->network;
  for (const auto& name : state.former) {
    auto resource = world::find(*state.before, name.first, name.second);
    const bool apart = is_beside(name.first) || is_customer(name.first);  // from the network
    if (apart) world::remove(contents, name.first, name.second);
    if (apart && resource) world::put(contents, *resource);
    if (resource) {
      wish.put.push_back(std::move(*resource));
    } else {
      wish.removed.push_back(name);
    }
  }
  wish.contents = std::make_shared<const world::Contents>(std::move(contents));
  return wish;
}

}  // namespace portolan::control
