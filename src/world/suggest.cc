#include "world/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace portolan::world {
namespace {

constexpr std::size_t name_bytes_max = 64;

}  // namespace

std::size_t edit_distance(std::string_view first, std::string_view other) {
  if (first.size() > name_bytes_max || other.size() > name_bytes_max) return name_bytes_max;
  // rows[i][j]: from the first i bytes to the first j, over three rows in turn.
  std::array<std::array<std::size_t, name_bytes_max + 1>, 3> rows{};
  for (std::size_t j = 0; j <= other.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= first.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= other.size(); ++j) {
      const std::size_t replace = above[j - 1] + (first[i - 1] == other[j - 1] ? 0u : 1u);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replace});
      const bool swapped =
          i > 1 && j > 1 && first[i - 1] == other[j - 2] && first[i - 2] == other[j - 1];
      if (swapped) row[j] = std::min(row[j], rows[(i + 1) % 3][j - 2] + 1);
    }
  }
  return rows[first.size() % 3][other.size()];
}

std::string did_you_mean(std::string_view written, std::span<const std::string_view> known) {
  if (written.size() > name_bytes_max) return {};
  const std::size_t near = std::max<std::size_t>(1, written.size() / 3);
  std::string_view best;
  std::size_t least = near + 1;
  for (const auto name : known) {
    const std::size_t distance = edit_distance(written, name);
    if (distance < least) {
      least = distance;
      best = name;
    }
  }
  return best.empty() ? std::string() : fmt::format(" Did you mean '{}'?", best);
}

}  // namespace portolan::world
