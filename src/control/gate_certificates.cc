#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "control/gate_place.h"
#include "seal/identity.h"
#include "world/time_text.h"

namespace portolan::control {
namespace {

constexpr std::string_view join_again =
    "Create a token for its zone, and have it join by 'portolan join'";

// What is wrong with it; empty: nothing.
std::string flaw_of(const OpeningFacts& facts, const GatedPlace::Gateway& gateway,
                    const std::optional<world::CertificateSaid>& shown) {
  if (!shown) return fmt::format("It shows no certificate. {}.", join_again);
  const std::string wanted = seal::render_identity({.network = facts.network,
                                                    .kind = seal::Identity::Kind::gateway,
                                                    .zone = gateway.zone->name,
                                                    .id = gateway.address->id});
  if (shown->identity != wanted || shown->zone != gateway.zone->name) {
    return fmt::format("It shows a certificate of {} for zone '{}', where {} is wanted. {}.",
                       shown->identity, shown->zone, wanted, join_again);
  }
  if (facts.restrictions.revoked_machines.contains(gateway.address->id)) {
    return fmt::format("Its certificate is revoked, and nobody trusts it. {} under another id.",
                       join_again);
  }
  if (shown->not_after < facts.now + opening_certificate_ms_min.milliseconds()) {
    return fmt::format(
        "Its certificate ends at {}, less than {} hours from now ({}). Renew it by 'portolan join "
        "--renew'.",
        world::render_date(shown->not_after), opening_certificate_ms_min.value / 3'600'000,
        opening_certificate_ms_min.name);
  }
  return {};
}

}  // namespace

GateVerdict gate_certificates(const OpeningFacts& facts) {
  GateVerdict verdict;
  const GatedPlace place = gated_place(facts);
  if (!has_gateways(facts, place, verdict)) return verdict;
  std::optional<WallTime> first_end;
  for (const auto& gateway : place.gateways) {
    const Inspected* found = found_by(facts, gateway, verdict);
    if (found == nullptr) continue;
    const auto& shown = found->said.certificate;
    const std::string flaw = flaw_of(facts, gateway, shown);
    if (!flaw.empty()) add_finding(verdict, gateway.subject(), flaw);
    if (shown) first_end = std::min(first_end.value_or(shown->not_after), shown->not_after);
  }
  if (first_end) {
    verdict.evidence.push_back(
        fmt::format("{} gateways of network '{}'; the certificate that ends first does so at {}.",
                    place.gateways.size(), facts.network, world::render_date(*first_end)));
  }
  return verdict;
}

}  // namespace portolan::control
