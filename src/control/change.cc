#include "control/change.h"

#include <fmt/format.h>

#include <algorithm>

#include "control/compile_rollout.h"
#include "control/former_keyring.h"
#include "control/state_codec.h"
#include "seal/ed25519.h"
#include "wire/json_value.h"
#include "world/codec.h"
#include "world/resource_text.h"

namespace portolan::control {
namespace {

Fault too_many(const Limit& limit, std::size_t count) {
  return Fault{Code::invalid_parameter, Retry::never,
               fmt::format("That would be {}; {} is {}.", count, limit.name, limit.value)};
}

void put(Change& change, std::string key, std::string value) {
  change.transaction.puts.push_back({.key = std::move(key), .value = std::move(value), .lease = 0});
}

Status compile_world(const State& state, Change& change) {
  if (!change.wish.contents) return {};
  const auto& network = change.wish.contents->network;
  auto payload = world::encode_network(network);
  if (payload.size() > limits::world_bytes_max.count()) {
    return too_many(limits::world_bytes_max, payload.size());
  }
  auto hash = seal::sha256_hex(payload);
  // A workspace that widens goes out as a World does, under a number of its own.
  const bool paced = change.wish.rollout && change.wish.rollout->world == 0;
  const bool widens = paced && !widened_workspaces(state, change.wish).empty();
  if (hash == state.numbers.world_hash && !widens) return {};
  const auto version = state.numbers.of(state.numbers.world + 1);
  TRY(const auto world, model::World::make(network, version, hash));
  change.numbers.world = world.version().number;
  change.numbers.world_hash = std::move(hash);
  change.world_payload = std::move(payload);
  return {};
}

template <class T>
const T* as(const world::Resource& resource) {
  return std::get_if<T>(&resource);
}

void forget_deltas(const State& state, std::size_t count, Change& change) {
  for (std::size_t i = 0; i < count; ++i) {
    change.forgotten.push_back(state.deltas[i].number);
    change.transaction.deletes.push_back(delta_key(state.deltas[i].number));
  }
}

Status compile_keyring(const State& state, Change& change) {
  model::KeyringDelta delta;
  for (const auto& resource : change.wish.put) {
    if (const auto* org = as<model::Org>(resource)) delta.orgs.push_back(*org);
    if (const auto* workspace = as<model::Workspace>(resource)) {
      delta.workspaces.push_back(*workspace);
    }
  }
  delta.workspaces.insert(delta.workspaces.end(), change.wish.told_again.begin(),
                          change.wish.told_again.end());
  delta.keys = change.wish.keys;
  if (delta.orgs.empty() && delta.workspaces.empty() && delta.keys.empty()) return {};
  // One that is there already is revoked, and takes no room.
  const auto known = std::ranges::count_if(
      delta.keys, [&](const model::KeyRecord& key) { return state.keys.contains(key.id); });
  const auto keys = state.keys.size() + delta.keys.size() - static_cast<std::size_t>(known);
  if (keys > keys_max.count()) return too_many(keys_max, keys);

  change.numbers.keyring = state.numbers.keyring + 1;
  delta.to = state.numbers.of(change.numbers.keyring);
  KeptDelta kept{
      .number = delta.to.number, .payload = world::encode_keyring_delta(delta), .revoked = {}};
  for (const auto& key : delta.keys) {
    if (key.revoked) kept.revoked.push_back(key.id);
    put(change, key_key(key.id), render_key(key));
  }
  if (kept.payload.size() > keyring_delta_bytes_max.count()) {
    forget_deltas(state, state.deltas.size(), change);
    return {};
  }
  if (state.deltas.size() >= keyring_deltas_max.count()) forget_deltas(state, 1, change);
  put(change, delta_key(kept.number), kept.payload);
  change.delta = std::move(kept);
  return {};
}

// A revoked key is restricted for as long as a gateway may get its tombstone by
// a delta. Behind that every Keyring that is sent has it, and a gateway keeps the
// revocation until it holds such a one (world/kept_revocations.h): the restriction is
// absorbed.
void compile_restrictions(const State& state, Change& change) {
  auto wanted = change.wish.restrictions.value_or(state.restrictions);
  for (const auto& key : change.wish.keys) {
    if (key.revoked) wanted.revoked_keys.insert(key.id);
  }
  for (std::size_t i = 0; i < change.forgotten.size(); ++i) {
    for (const auto& id : state.deltas[i].revoked) wanted.revoked_keys.erase(id);
  }
  wanted.version = state.restrictions.version;
  if (state.numbers.restrictions != 0 && wanted == state.restrictions) return;
  change.numbers.restrictions = state.numbers.restrictions + 1;
  wanted.version = state.numbers.of(change.numbers.restrictions);
  put(change, std::string(restrictions_key), world::encode_restrictions(wanted));
  change.restrictions = std::move(wanted);
}

}  // namespace

Result<Change> compile_change(const State& state, Wish wish) {
  Change change;
  change.wish = std::move(wish);
  change.numbers = state.numbers;
  TRY_DO(compile_world(state, change));
  TRY_DO(compile_keyring(state, change));
  compile_restrictions(state, change);
  TRY_DO(compile_rollout(state, change));
  for (const auto& resource : change.wish.put) {
    put(change, resource_key(world::kind_of(resource), world::name_of(resource)),
        wire::render_canonical(world::resource_json(resource)));
  }
  for (const auto& [kind, name] : change.wish.removed) {
    change.transaction.deletes.push_back(resource_key(kind, name));
  }
  // Every change goes over this key, so that no two can be made from one state.
  put(change, std::string(numbers_key), render_numbers(change.numbers));
  change.transaction.compares.push_back(
      {.key = std::string(numbers_key), .mod_revision = state.revision});
  return change;
}

RaisedEpoch compile_epoch(const State& state, std::uint64_t epoch) {
  RaisedEpoch raised;
  raised.numbers = state.numbers;
  raised.numbers.epoch = epoch;
  ++raised.numbers.restrictions;
  auto restrictions = state.restrictions;
  restrictions.version = raised.numbers.of(raised.numbers.restrictions);
  auto& transaction = raised.transaction;
  for (const auto& delta : state.deltas) transaction.deletes.push_back(delta_key(delta.number));
  transaction.puts.push_back({.key = std::string(restrictions_key),
                              .value = world::encode_restrictions(restrictions),
                              .lease = 0});
  transaction.puts.push_back(
      {.key = std::string(numbers_key), .value = render_numbers(raised.numbers), .lease = 0});
  transaction.compares.push_back({.key = std::string(numbers_key), .mod_revision = state.revision});
  return raised;
}

void apply_change(State& state, Change change, std::uint64_t revision) {
  state.revision = revision;
  apply_rollout(state, change);
  state.numbers = std::move(change.numbers);
  if (change.wish.contents) state.contents = std::move(change.wish.contents);
  for (const auto& resource : change.wish.put) {
    state.resource_versions[{world::kind_of(resource), world::name_of(resource)}] = revision;
  }
  for (const auto& name : change.wish.removed) state.resource_versions.erase(name);
  for (auto& key : change.wish.keys) {
    auto id = key.id;
    state.keys[std::move(id)] = std::move(key);
  }
  if (change.restrictions) state.restrictions = std::move(*change.restrictions);
  state.deltas.erase(state.deltas.begin(),
                     state.deltas.begin() + static_cast<std::ptrdiff_t>(change.forgotten.size()));
  if (change.delta) state.deltas.push_back(std::move(*change.delta));
}

}  // namespace portolan::control
