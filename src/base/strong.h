#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace portolan {

// A number or text with a meaning of its own, so that a ZoneIndex is no
// RegionIndex and Tokens are no Bytes. Compares and hashes as what it holds.
template <class Tag, class Rep>
struct Strong {
  Rep value{};

  friend auto operator<=>(const Strong&, const Strong&) = default;
  friend bool operator==(const Strong&, const Strong&) = default;
};

// Positions in one World's tables. They never leave the process: on the wire
// everything has its name.
using RegionIndex = Strong<struct RegionIndexTag, std::uint16_t>;
using ZoneIndex = Strong<struct ZoneIndexTag, std::uint16_t>;
using ModelIndex = Strong<struct ModelIndexTag, std::uint32_t>;
using ScopeIndex = Strong<struct ScopeIndexTag, std::uint32_t>;
using WorkspaceIndex = Strong<struct WorkspaceIndexTag, std::uint32_t>;

using Tokens = Strong<struct TokensTag, std::uint64_t>;
using Bytes = Strong<struct BytesTag, std::uint64_t>;

}  // namespace portolan

template <class Tag, class Rep>
struct std::hash<portolan::Strong<Tag, Rep>> {
  std::size_t operator()(const portolan::Strong<Tag, Rep>& strong) const noexcept {
    return std::hash<Rep>{}(strong.value);
  }
};
