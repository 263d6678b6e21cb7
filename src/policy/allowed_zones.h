#pragma once

#include "model/hop_facts.h"
#include "model/request_facts.h"
#include "policy/may_enter.h"

namespace portolan::policy {

// Where a request may be executed. Never empty.
struct AllowedZones {
  ModelIndex model;
  model::ZoneMask zones;
};

// workspace ∩ key ∩ requested scopes ∩ rules at `now` ∩ placement of the model ∩
// `only` ∖ `ignore` ∖ restrictions: the one mask that every attempt obeys.
// Everything only narrows; an empty set is refused by name and never widened.
//
// The caller's scopes are looked up again, so that a key or workspace narrowed
// since the grant was given (authenticate_again) is narrowed from here on.
//
// `facts.narrowing.scope` is the body's scope; the head's is in the grant, and
// naming it here again changes nothing. A body whose narrowing leaves no zone of
// the entry's region is refused although it was read, unless the scopes let the
// front door stand outside.
//
// Errors: no_world; model_not_found (unknown, or deployed nowhere that the key
// reaches; names those it may use); model_denied and scope_denied (with the
// rules, the narrowing or the restriction that did it); unknown_scope (the
// body's); wrong_region; scope_exhausted (only drained zones are left); world_skew
// (the grant is of another World, the workspace is not in this Keyring, or
// a scope that a Keyring names not in this World).
Result<AllowedZones> allowed_zones(const model::View& view, const Caller& caller,
                                   const EntryGrant& grant, const model::RequestFacts& facts,
                                   WallTime now);

// What an executor needs to ask the same by itself.
model::HopFacts hop_facts(const model::View& view, const Caller& caller, const EntryGrant& grant,
                          const model::RequestFacts& facts);

}  // namespace portolan::policy
