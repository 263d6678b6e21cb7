#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/time.h"
#include "control/change.h"
#include "control/state.h"
#include "store/control_store.h"
#include "wire/json_value.h"

namespace portolan::control {

inline constexpr Limit audit_things_max{"audit_things_max", 50,
                                        "that one audit entry names; it counts all of them"};
inline constexpr Limit audit_reason_bytes_max{"audit_reason_bytes_max", 1'000,
                                              "why somebody did it, in an audit entry"};
inline constexpr Limit audit_page_entries_max{"audit_page_entries_max", 500,
                                              "of the audit log in one answer; all are kept"};

// Who wants a change, and why.
struct Actor {
  std::string admin{};          // id of the admin key; empty: control by itself
  std::string request{};        // id of the request that asked
  std::string reason{};         // as it was given
  bool break_glass = false;     // it is meant, whatever the guard objects to
  bool refusals_meant = false;  // it is meant that more requests are refused
};

enum class Act : std::uint8_t {
  start,  // the first of a store, or of a newer program that renders another World
  make_admin_key,
  raise_epoch,
  apply,
  remove,
  create_key,
  revoke_key,
  restrict,
  lift,
  rotate_zone_key,
  create_token,
  revoke_token,
  revoke_machine,
  join,
  renew,
  restore,
  finish_restore,
  advance_rollout,
  finish_rollout,
  pause_rollout,
  resume_rollout,
  roll_back,
  opening,
};
std::string_view name_of(Act act);

// One thing that an act changed.
struct AuditThing {
  std::string kind;
  std::string name;
  // "created", "configured", "deleted", "revoked", "set", "lifted", "rotated", "used",
  // "joined", "renewed" or "overruled", of what the guard objected to; of an Opening its
  // phase, or what one of its gates or shares has come to
  std::string done;
  friend bool operator==(const AuditThing&, const AuditThing&) = default;
};

// All that this wish changes, held against what is stored.
std::vector<AuditThing> things_of(const State& state, const Wish& wish);
// A rollout as it is after the act; its name is the number of its World.
AuditThing thing_of(const Rollout& rollout);

// What an entry of the audit log says.
struct AuditFacts {
  Act act = Act::apply;
  Actor by;
  WallTime time{};
  Numbers numbers;  // that it led to
  std::vector<AuditThing> things;
};

wire::Json audit_json(const AuditFacts& facts);

// Puts the entry of that act into the transaction by which it comes true, so that
// neither is ever there without the other, and of two acts at once one is
// refused. The end that the log then has; its revision is the transaction's.
AuditEnd add_audit(const State& state, const AuditFacts& facts, store::Transaction& transaction);

}  // namespace portolan::control
