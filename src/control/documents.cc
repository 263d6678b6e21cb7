#include "control/documents.h"

#include "seal/ed25519.h"
#include "world/codec.h"

namespace portolan::control {
namespace {

using seal::DocumentKind;

SealedBytes seal(DocumentKind kind, const model::Version& version, std::string_view payload,
                 const seal::Signer& signer) {
  return std::make_shared<std::string>(seal::seal_document(kind, version, payload, signer));
}

SealedBytes seal_delta(const Numbers& numbers, const KeptDelta& delta, const seal::Signer& signer) {
  return seal(DocumentKind::keyring_delta, numbers.of(delta.number), delta.payload, signer);
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
  if (change.delta) prepared.delta = seal_delta(numbers, *change.delta, signer);
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
  }
  return documents;
}

SealedBytes seal_keyring(const Numbers& numbers, const model::Keyring::Content& content,
                         const seal::Signer& signer) {
  return seal(DocumentKind::keyring, numbers.of(numbers.keyring), world::encode_keyring(content),
              signer);
}

model::Keyring::Content keyring_content(const State& state) {
  model::Keyring::Content content;
  content.orgs = state.contents->orgs;
  content.workspaces = state.contents->workspaces;
  content.keys.reserve(state.keys.size());
  for (const auto& [id, key] : state.keys) content.keys.push_back(key);
  return content;
}

void apply_prepared(Documents& documents, const Prepared& prepared) {
  const auto& rollout = prepared.change.wish.rollout;
  if (prepared.change.begins_rollout) documents.former_world = documents.world;
  if (rollout && !rollout->active()) documents.former_world = nullptr;
  if (prepared.world) documents.world = prepared.world;
  if (prepared.restrictions) documents.restrictions = prepared.restrictions;
  for (const auto number : prepared.change.forgotten) {
    if (!documents.deltas.empty() && documents.deltas.front().first == number) {
      documents.deltas.pop_front();
    }
  }
  if (prepared.delta) {
    documents.deltas.emplace_back(prepared.change.delta->number, prepared.delta);
  }
}

}  // namespace portolan::control
