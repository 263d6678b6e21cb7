#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace portolan::world {

// YYYY-MM-DD (midnight UTC) or RFC 3339, as in 2023-11-17T08:00:00.5+01:00.
// Nothing for another text, a date that no calendar has, or one outside of what
// WallTime can hold (years 1678 to 2261).
std::optional<WallTime> parse_date(std::string_view text);

// The shortest of these forms that reads back as the same, in UTC.
std::string render_date(WallTime time);

// A whole number and a unit: ns us ms s m h d. Not negative.
std::optional<Duration> parse_duration(std::string_view text);

// In the largest unit that is exact, but never days, which people read as dates.
std::string render_duration(Duration duration);

}  // namespace portolan::world
