#pragma once

#include <span>
#include <string>
#include <string_view>

namespace portolan::world {

// Insertions, deletions, replacements and swaps of neighbours that lead from one
// to the other. For names; texts over 64 bytes count as far away.
std::size_t edit_distance(std::string_view first, std::string_view other);

// " Did you mean 'city'?" when one of `known` is close to `written`, else "".
std::string did_you_mean(std::string_view written, std::span<const std::string_view> known);

}  // namespace portolan::world
