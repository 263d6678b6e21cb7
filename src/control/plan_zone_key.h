#pragma once

#include <cstdint>
#include <string>

#include "base/limits.h"
#include "seal/certificate.h"
#include "world/poll.h"

namespace portolan::control {

inline constexpr Limit zone_certificate_hours{
    "zone_certificate_hours", 90 * 24, "how long a gateway signs receipts by one certificate"};
inline constexpr Limit zone_certificate_left_hours{
    "zone_certificate_left_hours", 30 * 24, "left of it when it is renewed; control may be off"};

// What control has for gateways of a zone.
struct ZoneKeyTarget {
  std::uint64_t generation = 0;  // that their keys are to have
  seal::Subject signer;          // control's own certificate
};

struct ZoneKeyPlan {
  bool replace = false;  // the gateway is to make a new key
  bool certify = false;
  WallTime ends;  // of what is certified

  bool empty() const { return !replace && !certify; }
};

// Certifies a key that has no certificate, one by another key of control's, or
// one that ends soon, unless control's own end leaves nothing to gain.
ZoneKeyPlan plan_zone_key(const ZoneKeyTarget& target, const world::PollRequest& request,
                          WallTime now);

// Control's word that this key signs for that gateway's zone. Errors:
// invalid_parameter for what is no public key.
Result<seal::Certificate> certify_zone(const world::PollRequest& request, const ZoneKeyPlan& plan,
                                       const seal::SigningKey& signer,
                                       const std::string& network, WallTime now);

}  // namespace portolan::control
