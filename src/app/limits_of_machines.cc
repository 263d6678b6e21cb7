#include <array>

#include "app/limits.h"
#include "control/plan_join.h"
#include "control/tell_meters.h"
#include "meter/revoked_machines.h"
#include "policy/restriction_pace.h"
#include "world/keyring_snapshot.h"
#include "world/last_good.h"

namespace portolan::app {
namespace {

constexpr auto machine_limits = std::to_array<const Limit*>({
    &control::join_request_bytes_max,
    &control::join_token_hours_max,
    &control::join_tokens_max,
    &control::machine_certificate_hours,
    &control::machines_max,
    &control::revocations_told_again_ms,
    &meter::revoked_machines_bytes_max,
    &policy::restrictions_per_minute_max,
    &world::keyring_deltas_kept_max,
    &world::keyring_names_bytes_max,
});

}  // namespace

std::span<const Limit* const> limits_of_machines() { return machine_limits; }

}  // namespace portolan::app
