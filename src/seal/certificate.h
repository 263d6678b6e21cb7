#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "seal/ed25519.h"

namespace portolan::wire {
class Json;
}

namespace portolan::seal {

enum class Role : std::uint8_t { control, zone };

std::string_view name_of(Role role);

// What a certificate says: this key speaks for that name of that network, in
// that role, from one date to another.
struct Subject {
  std::string network;
  Role role = Role::control;
  std::string name;  // of the control process or of the zone
  VerifyKey key;
  WallTime not_before;  // inclusive
  WallTime not_after;   // exclusive; both count whole seconds
  friend bool operator==(const Subject&, const Subject&) = default;
};

// One link of the chain root (offline) > control > zone: a Subject signed by the
// key above it. `statement` is what was signed: canonical JSON of the subject and
// the issuer's key id, and of whatever a newer minor version added to them.
struct Certificate {
  Subject subject;
  std::string issuer;  // VerifyKey::id() of who signed
  std::string statement;
  Signature signature{};
  friend bool operator==(const Certificate&, const Certificate&) = default;
};

Certificate issue_certificate(const Subject& subject, const SigningKey& issuer);

// Checks a chain, nearest to the root first: control, or control and zone, all
// of one network. The last one's subject is what a signature by its key is worth.
// Errors: bad_signature, with the link and the reason in the sentence.
Status verify_chain(std::span<const Certificate> chain, const VerifyKey& root, WallTime now);

// Its two halves, for what was signed long ago: who issued what, whatever the
// date; and whether every link was valid at a date.
Status verify_issued(std::span<const Certificate> chain, const VerifyKey& root);
Status verify_dates(std::span<const Certificate> chain, WallTime when);

// {"signature": base64url, "statement": {...}}; canonical. A text that is not
// canonical is refused, so that no byte of it can change unseen.
// Errors of reading: malformed_peer, unsupported_version for an unknown major.
std::string render_certificate(const Certificate& certificate);
Result<Certificate> parse_certificate(std::string_view text);

// The same inside of a larger document.
wire::Json certificate_json(const Certificate& certificate);
Result<Certificate> read_certificate(const wire::Json& json);

}  // namespace portolan::seal
