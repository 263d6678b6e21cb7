#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/limits.h"
#include "runtime/gate.h"
#include "runtime/shard.h"
#include "store/control_store.h"
#include "store/etcd_members.h"
#include "store/etcd_messages.h"
#include "store/turns.h"

namespace portolan::store {

inline constexpr Limit etcd_session_ms{
    "etcd_session_ms", 30'000, "a store that kept itself alive no later than that is fenced off"};
inline constexpr Limit etcd_settle_tries_max{
    "etcd_settle_tries_max", 5, "before a change is reported as one whose outcome is not known"};

// Makes of every change of one store object one that happened or did not, and
// shows that the object is there.
//
// A key of this object alone, under a lease, whose revision every change compares
// and raises: the fencing token. Where a change's outcome is not known, another
// change of that key from the same revision is tried; only one of the two can
// come true, and the key says which. When the object did not keep itself alive,
// the lease takes the key along, and what it sent before comes to nothing.
//
// Lives on: one shard.  Owner: an EtcdControlStore.
// Invariants: (1) the token compares as `revision_` unless `open_` names a change
// whose outcome is not known; (2) whoever has the turn is alone with all of these.
class EtcdFence {
 public:
  // Its token stands under `tokens`; what is changed under `keys`.
  EtcdFence(runtime::Shard& shard, EtcdMembers& members, std::string tokens, std::string keys);

  // From now on the token is there as long as this object is, but for the seconds
  // after an etcd that did not answer. Errors: those of a call.
  runtime::Task<Status> begin();

  // Revisions of who calls are higher than etcd's by so much.
  void set_base(std::uint64_t base) { base_ = base; }

  // Makes that change of keys under `keys`. Errors: as ControlStore::commit.
  runtime::Task<Result<std::uint64_t>> commit(Transaction transaction);

  runtime::Task<void> close();

 private:
  struct Outcome {
    bool known = true;
    std::optional<std::uint64_t> revision;  // nothing: it did not happen
  };
  runtime::Task<Status> ready();
  runtime::Task<Status> begin_session();
  runtime::Task<Result<std::optional<std::uint64_t>>> attempt(Transaction transaction);
  runtime::Task<Result<Outcome>> settle();
  Outcome learn(const std::optional<KeyValue>& token);
  Fault conflict(const Transaction& transaction, const EtcdTxnAnswer& answer) const;
  Transaction fenced(Transaction transaction, std::string value) const;
  runtime::Task<Result<std::uint64_t>> commit_in_turn(Transaction transaction);
  runtime::Task<void> keep_alive();
  runtime::Task<bool> has_ended(std::uint64_t lease);
  runtime::Task<void> renew(std::uint64_t ended);

  runtime::Shard& shard_;
  EtcdMembers& members_;
  std::string tokens_;
  std::string keys_;
  std::string key_;  // empty: there is no session
  std::uint64_t lease_ = 0;
  std::uint64_t revision_ = 0;
  std::uint64_t number_ = 0;  // of the last thing that was written to the key
  std::string open_;          // what a change of unknown outcome would have written
  std::uint64_t base_ = 0;
  Turns turns_;
  runtime::Gate background_;
};

}  // namespace portolan::store
