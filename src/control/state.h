#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "control/rollout.h"
#include "model/keyring.h"
#include "model/restrictions.h"
#include "seal/audit_chain.h"
#include "world/resource.h"

namespace portolan::control {

inline constexpr Limit keyring_deltas_max{"keyring_deltas_max", 1'000,
                                          "kept, so that a gateway that was away catches up"};
inline constexpr Limit keyring_delta_bytes_max{"keyring_delta_bytes_max", 512 * 1024,
                                               "a larger change goes out as a snapshot"};
inline constexpr Limit keys_max{"keys_max", 1'000'000,
                                "of a network; a snapshot of them is in keyring_bytes_max"};

// The numbers of the documents that gateways hold, and what they stand for.
// They only rise, also over restarts and crashes: every change of anything
// compares the store's revision of these.
struct Numbers {
  std::string network;
  std::uint64_t epoch = 1;
  std::uint64_t world = 0;  // 0: there is none yet
  std::string world_hash;
  std::uint64_t keyring = 0;
  std::uint64_t restrictions = 0;

  model::Version of(std::uint64_t number) const { return {network, epoch, number}; }
  friend bool operator==(const Numbers&, const Numbers&) = default;
};

// A change of the Keyring that can still be sent by itself.
struct KeptDelta {
  std::uint64_t number = 0;
  std::string payload;
  std::vector<std::string> revoked;  // the keys whose tombstones it brings
};

// Where the audit log ends.
struct AuditEnd {
  std::uint64_t revision = 0;  // of the store, when the last entry was added; 0: there is none
  seal::ChainHead head;
};

// Of a store that was made from a backup.
struct RestoredFrom {
  Numbers numbers;    // the backup's
  std::string taken;  // dates of the backup and of the restore, as world::render_date
  std::string restored;
  bool finished = false;  // gateways are sent what is here
  std::string lacked;     // what gateways held beyond the backup when it was finished
};

// Everything that control stores, as of `revision`. Contents are shared and
// never changed, so that work off the shard can look at them.
struct State {
  std::uint64_t revision = 0;  // of the store, when the numbers were last written
  Numbers numbers;
  std::shared_ptr<const world::Contents> contents = std::make_shared<world::Contents>();
  std::map<ResourceName, std::uint64_t> resource_versions;
  std::map<std::string, model::KeyRecord> keys;  // by id; revoked ones stay
  model::Restrictions restrictions;              // their version is in `numbers`
  std::deque<KeptDelta> deltas;  // ascending without a gap, the last is numbers.keyring
  std::map<std::string, std::uint64_t> zone_key_generations;  // by zone; 0 where none is here
  std::string admin_digest;  // SHA-256, hex; empty: no key was made yet
  AuditEnd audit;
  std::optional<RestoredFrom> restored;  // the last restore; nothing: never
  std::optional<Rollout> rollout;        // the last one; nothing: every World went out at once
  // While it is active: the contents before it, of which the network counts, and
  // the resources that differ.
  std::shared_ptr<const world::Contents> before;
  std::vector<ResourceName> former;

  // Gateways keep the World and Keyring that they have.
  bool held_back() const { return restored && !restored->finished; }
  bool rolling_out() const { return rollout && rollout->active(); }
};

}  // namespace portolan::control
