#include "control/plan_poll.h"

#include <algorithm>

namespace portolan::control {
namespace {

using seal::DocumentKind;
using world::Seen;

bool refused(const world::PollRequest& request, DocumentKind kind, const Seen& wanted) {
  return std::ranges::any_of(request.refused, [&](const world::Refusal& refusal) {
    return refusal.kind == kind && refusal.version == wanted.version &&
           (wanted.hash.empty() || refusal.hash == wanted.hash);
  });
}

// Of another network everything is foreign; the gateway is to have ours.
bool behind(const std::optional<Seen>& held, const Seen& wanted) {
  if (wanted.version.number == 0) return false;
  if (!held || held->version.network != wanted.version.network) return true;
  if (held->version == wanted.version) {
    return !held->hash.empty() && !wanted.hash.empty() && held->hash != wanted.hash;
  }
  return model::older(held->version, wanted.version);
}

bool holds(const std::optional<Seen>& held, const Seen& wanted) {
  return held && held->version == wanted.version &&
         (held->hash.empty() || wanted.hash.empty() || held->hash == wanted.hash);
}

// The first delta that leads on from what is held, if all from it are kept and
// none was refused: a gateway that cannot take a delta gets the snapshot.
std::optional<std::uint64_t> delta_from(const Target& target, const world::PollRequest& request) {
  if (!request.keyring) return std::nullopt;
  const auto& held = request.keyring->version;
  const auto& wanted = target.keyring.version;
  if (held.network != wanted.network || held.epoch != wanted.epoch) return std::nullopt;
  if (held.number + 1 < target.first_delta || held.number >= wanted.number) return std::nullopt;
  const bool stumbled = std::ranges::any_of(request.refused, [&](const world::Refusal& refusal) {
    return refusal.kind == DocumentKind::keyring_delta && model::older(held, refusal.version);
  });
  if (stumbled) return std::nullopt;
  return held.number + 1;
}

}  // namespace

PollPlan plan_poll(const Target& target, const world::PollRequest& request) {
  const bool no_restrictions = refused(request, DocumentKind::restrictions, target.restrictions);
  const bool no_keyring = refused(request, DocumentKind::keyring, target.keyring);
  PollPlan plan;
  plan.restrictions = behind(request.restrictions, target.restrictions) && !no_restrictions;
  if (target.held_back) return plan;
  plan.world =
      behind(request.world, target.world) && !refused(request, DocumentKind::world, target.world);
  if (behind(request.keyring, target.keyring)) {
    plan.first_delta = delta_from(target, request);
    plan.keyring = !plan.first_delta && !no_keyring && target.keyring_fits;
  }
  const bool keyring_new =
      plan.keyring || plan.first_delta || holds(request.keyring, target.keyring);
  const bool restrictions_new =
      plan.restrictions || holds(request.restrictions, target.restrictions);
  plan.confirmed = keyring_new && restrictions_new;
  return plan;
}

}  // namespace portolan::control
