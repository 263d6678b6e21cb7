#pragma once

#include <deque>
#include <optional>

#include "base/limits.h"
#include "base/time.h"
#include "policy/guard_change.h"

namespace portolan::policy {

inline constexpr Limit restrictions_per_minute_max{
    "restrictions_per_minute_max", 20,
    "drains, denials and revoked machines without --break-glass: more is a script that runs wild"};

// Whether one more restriction comes too fast; nothing: it does not. `recent` are the moments of
// those before it, ascending; what is older than a minute is forgotten.
std::optional<Objection> object_to_pace(std::deque<Instant>& recent, Instant now);

}  // namespace portolan::policy
