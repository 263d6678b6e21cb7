#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "control/state.h"
#include "store/control_store.h"

namespace portolan::control {

// How State stands in a ControlStore:
//   numbers                 what gateways hold, JSON
//   admin-key               SHA-256 of the admin key, hex
//   restrictions            world::encode_restrictions
//   resource/<Kind>/<name>  the resource document, JSON
//   key/<id>                one key, as in a Keyring's payload
//   zone-key/<zone>         generation that its gateways' keys are to have, decimal
//   delta/<number>          world::encode_keyring_delta, 20 digits so that they sort
//   restored                of a store made from a backup: a statement of kind "restored"
//   rollout                 the last rollout of a World: a statement of kind "rollout"
//   rollout-driver          held by a lease by the control that takes the rollout on
//   rollout-former/<Kind>/<name>  a resource as it was before, JSON; empty: it was not there
//   audit-head              seal::render_chain_head of the audit log
//   migration               of a store that is being moved, or was: a statement of that kind
// And beside the State, before all other keys, so that they are read without it:
//   act/<number>            an entry of the audit log, 20 digits
// And beside it, read when it is asked for, what join_codec.h, golden_record.h and
// opening_record.h say, and what no document comes from: parity/..., webhook/... and told/..., as
// control/parity_record.h, control/webhook_record.h and control/told_document.h say.
inline constexpr std::string_view numbers_key = "numbers";
inline constexpr std::string_view admin_key_key = "admin-key";
inline constexpr std::string_view restrictions_key = "restrictions";
inline constexpr std::string_view restored_key = "restored";
inline constexpr std::string_view rollout_key = "rollout";
inline constexpr std::string_view driver_key = "rollout-driver";
inline constexpr std::string_view former_prefix = "rollout-former/";
inline constexpr std::string_view key_prefix = "key/";
inline constexpr std::string_view delta_prefix = "delta/";
inline constexpr std::string_view audit_head_key = "audit-head";
inline constexpr std::string_view audit_prefix = "act/";
inline constexpr std::string_view behind_audit = "act0";  // '0' follows '/'

std::string resource_key(world::Kind kind, std::string_view name);
std::string key_key(std::string_view id);
std::string delta_key(std::uint64_t number);
std::string zone_key_key(std::string_view zone);
std::string audit_key(std::uint64_t number);

std::string render_numbers(const Numbers& numbers);
std::string render_restored(const RestoredFrom& from);
std::string render_key(const model::KeyRecord& key);

// The State that is stored. Errors: store_failed, naming the key that cannot be
// read; unsupported_version for what a newer program wrote; bad_configuration for
// a store that is being moved, or was.
Result<State> read_state(const store::Range& range);

}  // namespace portolan::control
