#include "control/plan_zone_key.h"

#include <algorithm>

namespace portolan::control {
namespace {

constexpr Duration clock_step = Duration::hours(1);  // certificates are valid that much before now

Duration hours(const Limit& limit) {
  return Duration::hours(static_cast<std::int64_t>(limit.value));
}

}  // namespace

ZoneKeyPlan plan_zone_key(const ZoneKeyTarget& target, const world::PollRequest& request,
                          WallTime now) {
  ZoneKeyPlan plan;
  if (!request.zone_key) return plan;
  const world::ZoneKeySaid& said = *request.zone_key;
  plan.replace = said.generation < target.generation;
  if (plan.replace) return plan;
  plan.ends = std::min(now + hours(zone_certificate_hours), target.signer.not_after);
  if (said.issuer != target.signer.key.id()) {
    plan.certify = true;
    return plan;
  }
  const auto ends_s = std::min<std::uint64_t>(said.ends_s, INT64_MAX / 1'000'000'000);
  const auto held = WallTime::from_unix_seconds(static_cast<std::int64_t>(ends_s));
  plan.certify = held < now + hours(zone_certificate_left_hours) &&
                 plan.ends > held + Duration::hours(24);
  return plan;
}

Result<seal::Certificate> certify_zone(const world::PollRequest& request, const ZoneKeyPlan& plan,
                                       const seal::SigningKey& signer,
                                       const std::string& network, WallTime now) {
  const auto key = seal::VerifyKey::from_base64url(request.zone_key->key);
  if (!key) return Fault{Code::invalid_parameter, Retry::never, "zone_key: " + key.error().message};
  return seal::issue_certificate({.network = network,
                                  .role = seal::Role::zone,
                                  .name = request.zone,
                                  .key = *key,
                                  .not_before = now - clock_step,
                                  .not_after = plan.ends},
                                 signer);
}

}  // namespace portolan::control
