#pragma once

#include "base/limits.h"
#include "base/time.h"

namespace portolan::sim {

// Within which everything serves again after a fault, and a new key works
// everywhere (design: a revoked key, a failover).
inline constexpr Duration recovery_time = Duration::seconds(5);

// Within which what control has reaches every gateway, the one included whose
// poll hangs on a connection that was lost without a word, or at a control that
// has nothing new, until its own deadline.
inline constexpr Duration news_time =
    limits::poll_wait_ms.milliseconds() + Duration::seconds(6) + recovery_time;

}  // namespace portolan::sim
