#pragma once

#include <cstdint>
#include <string>

#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "seal/identity.h"
#include "seal/join_token.h"
#include "seal/tls_authority.h"

namespace portolan::control {

inline constexpr Limit join_token_hours_max{"join_token_hours_max", 7 * 24,
                                            "a token that is lost is worth nothing after that"};
inline constexpr Limit join_tokens_max{"join_tokens_max", 1'000, "that wait to be used"};
inline constexpr Limit machines_max{"machines_max", 10'000, "that have joined a network"};
inline constexpr Limit machine_certificate_hours{"machine_certificate_hours", 90 * 24,
                                                 "how long a machine speaks by one certificate"};
inline constexpr Limit join_request_bytes_max{"join_request_bytes_max", 16 * 1024,
                                              "a token and a certificate request, of strangers"};

// A one-time token as it is stored: without its secret.
struct TokenRecord {
  std::string id;
  std::string digest;  // seal::digest_of_secret
  std::string zone;
  seal::Identity::Kind role = seal::Identity::Kind::gateway;
  WallTime created;
  WallTime expires;
  bool revoked = false;
  bool planned = false;  // its zone needs not be in the World yet
  std::string used_by;   // SHA-256 of the key that it let in; empty: it was not used
  std::string machine;   // that this became
  friend bool operator==(const TokenRecord&, const TokenRecord&) = default;
};

// A process that was let in.
struct Machine {
  std::string id;        // that of its identity, unique in the network
  std::string identity;  // as its certificate says it
  std::string zone;      // where it stands
  std::string key;       // SHA-256 of its public key, hex
  std::string serial;    // of its newest certificate, hex
  std::string token;     // id of the one that let it in
  WallTime joined;
  WallTime ends;  // of that certificate
  friend bool operator==(const Machine&, const Machine&) = default;
};

// What a machine asks for. What it leaves empty is as the token says.
struct JoinWish {
  seal::JoinToken token;
  std::string request;  // PKCS #10, PEM
  std::string zone;
  std::string role;
  std::string id;
};

// Whether this is a token of the network at all. Errors: unknown_key.
Status check_token(const TokenRecord* stored, const seal::JoinToken& shown);

// What the decision looks at beside the token.
struct JoinSight {
  std::string network;
  std::string key;          // SHA-256 of the key that asks
  bool zone_known = false;  // the token's zone is in the World
  std::string fresh_id;     // for who asks for none
  WallTime now;
};

// Who this machine becomes. The same key with the same token is the same machine
// asking again, because its first answer was lost. Errors, each with what to do:
// revoked_key, expired_key, resource_conflict for a token that let another key in,
// invalid_parameter for another zone or role than the token's or an id that is no
// name, resource_not_found for a zone that is gone.
Result<seal::Identity> plan_join(const TokenRecord& token, const JoinWish& wish,
                                 const JoinSight& sight);

// Whether that machine may have the id. `known`: who has it, or null; `serving`: a
// gateway polls under it. Errors: resource_conflict.
Status check_id(const seal::Identity& identity, const std::string& key, const Machine* known,
                bool serving);

// Whether who shows the certificate of `identity` and asks by that key is the
// machine that is known, or null. Errors: resource_not_found for one that no token
// let in; resource_conflict for another key or identity than it joined with.
Status check_renewal(const Machine* known, const std::string& identity, const std::string& key);

// Less than a quarter of its certificate's life is left, or nothing: the alarm.
bool ends_soon(const Machine& machine, WallTime now);

// From an hour ago, for clocks that are behind, and not beyond the authority's own end.
Result<seal::Validity> plan_validity(WallTime now, WallTime authority_ends);

std::string_view name_of(seal::Identity::Kind role);
// Errors: invalid_parameter.
Result<seal::Identity::Kind> parse_role(std::string_view text);

}  // namespace portolan::control
