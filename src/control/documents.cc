#include "control/documents.h"

#include <fmt/format.h>

#include "control/former_keyring.h"
#include "seal/ed25519.h"
#include "world/codec.h"
#include "world/keyring_snapshot.h"

namespace portolan::control {
namespace {

using seal::DocumentKind;

// With the shortest names, and no dates.
constexpr std::size_t key_json_bytes_min = 80;

Fault too_large(std::string_view how, std::size_t bytes) {
  const Limit& most = limits::keyring_bytes_max;
  return Fault{Code::limit_exceeded, Retry::never,
               fmt::format("It has {}{} bytes; {} is {}.", how, bytes, most.name, most.value)};
}

SealedBytes seal(DocumentKind kind, const model::Version& version, std::string_view payload,
                 const seal::Signer& signer) {
  return std::make_shared<std::string>(seal::seal_document(kind, version, payload, signer));
}

SealedBytes seal_delta(const Numbers& numbers, const KeptDelta& delta, const seal::Signer& signer) {
  return seal(DocumentKind::keyring_delta, numbers.of(delta.number), delta.payload, signer);
}

// Null where it is the same as for all.
SealedBytes seal_former_delta(const Numbers& numbers, const KeptDelta& delta,
                              const FormerWorkspaces& former, const seal::Signer& signer) {
  const auto payload = former_delta(former, delta.payload);
  if (!payload) return nullptr;
  return seal(DocumentKind::keyring_delta, numbers.of(delta.number), *payload, signer);
}

// Another program may render the same resources to other bytes: then there is no
// former World, and gateways keep what they hold until their turn.
SealedBytes seal_former(const State& state, const seal::Signer& signer) {
  if (!state.rolling_out()) return nullptr;
  const auto payload = world::encode_network(state.before->network);
  if (seal::sha256_hex(payload) != state.rollout->from_hash) return nullptr;
  return seal(DocumentKind::world, state.numbers.of(state.rollout->from), payload, signer);
}

}  // namespace

Result<Prepared> prepare(const State& state, Wish wish, const seal::Signer& signer) {
  Prepared prepared;
  TRY(prepared.change, compile_change(state, std::move(wish)));
  const auto& change = prepared.change;
  const auto& numbers = change.numbers;
  if (change.world_payload) {
    prepared.world =
        seal(DocumentKind::world, numbers.of(numbers.world), *change.world_payload, signer);
  }
  if (change.restrictions) {
    prepared.restrictions = seal(DocumentKind::restrictions, change.restrictions->version,
                                 world::encode_restrictions(*change.restrictions), signer);
  }
  if (change.delta) {
    prepared.delta = seal_delta(numbers, *change.delta, signer);
    prepared.former_delta =
        seal_former_delta(numbers, *change.delta, former_workspaces(state, change), signer);
  }
  return prepared;
}

Documents seal_all(const State& state, const seal::Signer& signer) {
  const auto& numbers = state.numbers;
  Documents documents;
  if (numbers.world != 0) {
    documents.world = seal(DocumentKind::world, numbers.of(numbers.world),
                           world::encode_network(state.contents->network), signer);
  }
  documents.former_world = seal_former(state, signer);
  documents.restrictions = seal(DocumentKind::restrictions, numbers.of(numbers.restrictions),
                                world::encode_restrictions(state.restrictions), signer);
  for (const auto& delta : state.deltas) {
    documents.deltas.emplace_back(delta.number, seal_delta(numbers, delta, signer));
    auto former = seal_former_delta(numbers, delta, former_workspaces(state), signer);
    if (former) documents.former_deltas[delta.number] = std::move(former);
  }
  return documents;
}

Result<SealedBytes> seal_keyring(const Numbers& numbers, const model::Keyring::Content& content,
                                 bool compact, const seal::Signer& signer) {
  std::string payload;
  if (compact) {
    TRY(payload, world::encode_keyring_snapshot(content));
  } else {
    // A million keys take more than a gigabyte on the way.
    const auto least = content.keys.size() * key_json_bytes_min;
    if (least > limits::keyring_bytes_max.count()) return too_large("at least ", least);
    payload = world::encode_keyring(content);
  }
  if (payload.size() > limits::keyring_bytes_max.count()) return too_large("", payload.size());
  return seal(DocumentKind::keyring, numbers.of(numbers.keyring), payload, signer);
}

model::Keyring::Content keyring_content(const State& state) {
  model::Keyring::Content content;
  content.orgs = state.contents->orgs;
  content.workspaces = state.contents->workspaces;
  content.keys.reserve(state.keys.size());
  for (const auto& [id, key] : state.keys) content.keys.push_back(key);
  return content;
}

void Documents::put_snapshot(SnapshotKind kind, Snapshot snapshot) {
  auto& both = kind.former ? former_keyring : keyring;
  (kind.compact ? both.compact : both.json) = std::move(snapshot);
}

const SealedBytes& Documents::delta(std::size_t at, bool waits) const {
  const auto& [number, sealed] = deltas[at];
  const auto former = waits ? former_deltas.find(number) : former_deltas.end();
  return former == former_deltas.end() ? sealed : former->second;
}

void apply_prepared(Documents& documents, const Prepared& prepared) {
  const auto& rollout = prepared.change.wish.rollout;
  if (prepared.change.begins_rollout) documents.former_world = documents.world;
  if (prepared.change.begins_rollout) documents.former_keyring = {};
  if (rollout && !rollout->active()) {
    documents.former_world = nullptr;
    documents.former_keyring = {};
    documents.former_deltas.clear();
  }
  if (prepared.world) documents.world = prepared.world;
  if (prepared.restrictions) documents.restrictions = prepared.restrictions;
  for (const auto number : prepared.change.forgotten) {
    if (!documents.deltas.empty() && documents.deltas.front().first == number) {
      documents.deltas.pop_front();
    }
  }
  if (prepared.delta) {
    const auto number = prepared.change.delta->number;
    documents.deltas.emplace_back(number, prepared.delta);
    if (prepared.former_delta) documents.former_deltas[number] = prepared.former_delta;
  }
}

}  // namespace portolan::control
