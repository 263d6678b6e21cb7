#pragma once

#include <compare>
#include <cstdint>

namespace portolan {

// A span of time in nanoseconds; may be negative.
struct Duration {
  std::int64_t ns = 0;

  static constexpr Duration nanoseconds(std::int64_t n) { return {n}; }
  static constexpr Duration microseconds(std::int64_t n) { return {n * 1'000}; }
  static constexpr Duration milliseconds(std::int64_t n) { return {n * 1'000'000}; }
  static constexpr Duration seconds(std::int64_t n) { return {n * 1'000'000'000}; }
  static constexpr Duration hours(std::int64_t n) { return seconds(n * 3600); }

  constexpr std::int64_t milliseconds() const { return ns / 1'000'000; }
  constexpr double seconds() const { return static_cast<double>(ns) / 1e9; }

  friend constexpr auto operator<=>(Duration, Duration) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return {a.ns + b.ns}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return {a.ns - b.ns}; }
  friend constexpr Duration operator*(Duration a, std::int64_t n) { return {a.ns * n}; }
  friend constexpr Duration operator/(Duration a, std::int64_t n) { return {a.ns / n}; }
};

// A point on a machine's monotonic clock; says nothing about the date and is
// never sent to another process.
struct Instant {
  std::int64_t ns = 0;

  static constexpr Instant never() { return {INT64_MAX}; }

  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Instant operator+(Instant a, Duration d) { return {a.ns + d.ns}; }
  friend constexpr Instant operator-(Instant a, Duration d) { return {a.ns - d.ns}; }
  friend constexpr Duration operator-(Instant a, Instant b) { return {a.ns - b.ns}; }
};

// A date: nanoseconds since 1970-01-01T00:00:00Z. May jump; rules and log
// records speak it, deadlines do not.
struct WallTime {
  std::int64_t ns = 0;

  static constexpr WallTime from_unix_seconds(std::int64_t s) { return {s * 1'000'000'000}; }
  constexpr std::int64_t unix_seconds() const { return ns / 1'000'000'000; }
  constexpr std::int64_t unix_milliseconds() const { return ns / 1'000'000; }

  friend constexpr auto operator<=>(WallTime, WallTime) = default;
  friend constexpr WallTime operator+(WallTime a, Duration d) { return {a.ns + d.ns}; }
  friend constexpr WallTime operator-(WallTime a, Duration d) { return {a.ns - d.ns}; }
  friend constexpr Duration operator-(WallTime a, WallTime b) { return {a.ns - b.ns}; }
};

}  // namespace portolan
