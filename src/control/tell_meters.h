#pragma once

#include "control/control.h"
#include "control/meter_client.h"

namespace portolan::control {

inline constexpr Limit revocations_told_again_ms{
    "revocations_told_again_ms", 60'000,
    "meters are told again which machines were revoked: one may be new, or have an old disk"};

// Tells every meter within two seconds which machines were revoked. Until it is cancelled.
runtime::Task<void> tell_meters(runtime::Shard& shard, const Control& control, MeterClient& meters);

}  // namespace portolan::control
