#include "sim/marker_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "virtual/virtual_shard.h"

namespace portolan::sim {
namespace {

constexpr std::string_view prefix = "chart-";
constexpr std::size_t digits = 5;
constexpr std::size_t marker_bytes = prefix.size() + digits;

}  // namespace

std::string marker_of(std::size_t number) { return fmt::format("{}{:05}", prefix, number); }

std::vector<std::size_t> markers_in(std::string_view text) {
  std::vector<std::size_t> found;
  for (auto at = text.find(prefix); at != text.npos; at = text.find(prefix, at + 1)) {
    const std::string_view number = text.substr(at + prefix.size(), digits);
    std::size_t value = 0;
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), value);
    if (number.size() == digits && parsed.ptr == number.data() + digits) found.push_back(value);
  }
  return found;
}

void MarkerWatch::see(const virtual_time::Delivery& delivery, Instant now) {
  const std::string& to = delivery.to.name();
  std::string& tail = tails_[{delivery.connection, to}];
  tail += delivery.bytes;
  for (const std::size_t number : markers_in(tail)) {
    if (!known_.insert({delivery.connection, {to, number}}).second) continue;
    seen_.push_back({number, delivery.from.name(), to, now});
  }
  // Where the next bytes could complete one.
  tail.erase(0, tail.size() - std::min(tail.size(), marker_bytes - 1));
}

}  // namespace portolan::sim
