#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/result.h"
#include "control/change.h"
#include "control/state.h"
#include "seal/signed_document.h"

namespace portolan::control {

using SealedBytes = std::shared_ptr<const std::string>;

// Which snapshot of the Keyring a gateway takes.
struct SnapshotKind {
  bool former = false;   // a rollout has not come to it yet
  bool compact = false;  // world::encode_keyring_snapshot, not JSON
};

// What gateways are sent, sealed. Shared, because many are sent the same.
struct Documents {
  SealedBytes world;         // null before the first
  SealedBytes former_world;  // where a rollout has not come yet; null: none, or it cannot be made
  SealedBytes restrictions;
  std::deque<std::pair<std::uint64_t, SealedBytes>> deltas;  // by number, as State has them
  // For gateways whose turn has not come: the deltas that are not theirs as they stand.
  std::map<std::uint64_t, SealedBytes> former_deltas;

  // Keyrings are made when somebody needs them.
  struct Snapshot {
    SealedBytes bytes;
    std::uint64_t number = 0;
    friend bool operator==(const Snapshot&, const Snapshot&) = default;
  };
  // By the form that a gateway reads.
  struct Snapshots {
    Snapshot json;
    Snapshot compact;
  };
  Snapshots keyring;
  Snapshots former_keyring;
  // In that form there is none that gateways would take, and none to come: a Keyring
  // does not shrink.
  bool no_json = false;
  bool no_compact = false;

  // What a gateway is sent, by whether its turn has come.
  const SealedBytes& delta(std::size_t at, bool waits) const;
  const Snapshot& snapshot(SnapshotKind kind) const {
    const auto& both = kind.former ? former_keyring : keyring;
    return kind.compact ? both.compact : both.json;
  }
  void put_snapshot(SnapshotKind kind, Snapshot snapshot);
};

// A change with the new documents that it brings; null where nothing is new.
struct Prepared {
  Change change;
  SealedBytes world;
  SealedBytes restrictions;
  SealedBytes delta;
  SealedBytes former_delta;
};

// All of these are slow, so called off the shard.
//
// Errors: as compile_change.
Result<Prepared> prepare(const State& state, Wish wish, const seal::Signer& signer);
// Of a State as it was stored. Its World must be the one that it says it is.
Documents seal_all(const State& state, const seal::Signer& signer);
// Errors: limit_exceeded above keyring_bytes_max, and as world::encode_keyring_snapshot:
// gateways would refuse it.
Result<SealedBytes> seal_keyring(const Numbers& numbers, const model::Keyring::Content& content,
                                 bool compact, const seal::Signer& signer);

// A Keyring's snapshot, copied out of the State.
model::Keyring::Content keyring_content(const State& state);

// `documents` after the change has come true.
void apply_prepared(Documents& documents, const Prepared& prepared);

}  // namespace portolan::control
