#include "world/time_text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>

#include "base/check.h"

namespace portolan::world {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t seconds_per_day = 86'400;

struct Unit {
  std::string_view name;
  std::int64_t ns;
};

// Largest first.
constexpr std::array<Unit, 7> units = {{{"d", seconds_per_day* ns_per_second},
                                        {"h", 3600 * ns_per_second},
                                        {"m", 60 * ns_per_second},
                                        {"s", ns_per_second},
                                        {"ms", 1'000'000},
                                        {"us", 1'000},
                                        {"ns", 1}}};

// Takes exactly `digits` digits from the front.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// YYYY-MM-DD at the front, in days since 1970.
std::optional<std::int64_t> take_day(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

// HH:MM at the front, in seconds.
std::optional<std::int64_t> take_hour_minute(std::string_view& text) {
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  return *hour * 3600 + *minute * 60;
}

// .digits at the front, in nanoseconds; 0 when there is none.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  std::int64_t ns = 0;
  std::int64_t place = ns_per_second;
  bool any = false;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    place /= 10;
    if (place == 0) return std::nullopt;
    ns += (text.front() - '0') * place;
    text.remove_prefix(1);
    any = true;
  }
  return any ? std::optional(ns) : std::nullopt;
}

// Z or +HH:MM or -HH:MM at the front, in seconds to take off.
std::optional<std::int64_t> take_zone(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return 0;
  const bool east = text.starts_with('+');
  if (!east && !text.starts_with('-')) return std::nullopt;
  text.remove_prefix(1);
  const auto offset = take_hour_minute(text);
  if (!offset) return std::nullopt;
  return east ? *offset : -*offset;
}

std::optional<WallTime> join(std::int64_t seconds, std::int64_t ns) {
  const __int128 all = static_cast<__int128>(seconds) * ns_per_second + ns;
  if (all > INT64_MAX || all < INT64_MIN) return std::nullopt;
  return WallTime{static_cast<std::int64_t>(all)};
}

}  // namespace

std::optional<WallTime> parse_date(std::string_view text) {
  const auto day = take_day(text);
  if (!day) return std::nullopt;
  if (text.empty()) return join(*day * seconds_per_day, 0);
  if (!take(text, 'T') && !take(text, 't')) return std::nullopt;
  const auto hour_minute = take_hour_minute(text);
  if (!hour_minute || !take(text, ':')) return std::nullopt;
  const auto second = take_digits(text, 2);
  if (!second || *second > 59) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  const auto offset = take_zone(text);
  if (!offset || !text.empty()) return std::nullopt;
  return join(*day * seconds_per_day + *hour_minute + *second - *offset, *fraction);
}

std::string render_date(WallTime time) {
  const std::chrono::sys_time<std::chrono::nanoseconds> point{std::chrono::nanoseconds(time.ns)};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date{day};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(point);
  // By remainder: the earliest second of 64 bits has no nanoseconds in 64 bits.
  const std::int64_t ns = (time.ns % ns_per_second + ns_per_second) % ns_per_second;
  const std::int64_t second = (seconds - day).count();
  auto text = fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                          static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  if (second == 0 && ns == 0) return text;
  text += fmt::format("T{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
  if (ns != 0) {
    auto fraction = fmt::format(".{:09}", ns);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += fraction;
  }
  return text + 'Z';
}

std::optional<Duration> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || !(text.front() >= '0' && text.front() <= '9')) return std::nullopt;
  const std::string_view unit(end, text.data() + text.size());
  for (const auto& [name, ns] : units) {
    if (unit != name) continue;
    if (count > INT64_MAX / ns) return std::nullopt;
    return Duration{count * ns};
  }
  return std::nullopt;
}

std::string render_duration(Duration duration) {
  check(duration.ns >= 0, "durations of resources are not negative");
  if (duration.ns == 0) return "0s";
  for (const auto& [name, ns] : units) {
    if (name != "d" && duration.ns % ns == 0) return fmt::format("{}{}", duration.ns / ns, name);
  }
  fail_check("every whole number is one of nanoseconds", std::source_location::current());
}

}  // namespace portolan::world
