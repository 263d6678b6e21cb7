#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace portolan::model {

// Hashes a std::string and a view of it alike, so that looking a name up makes
// no copy of it.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const noexcept {
    return std::hash<std::string_view>{}(name);
  }
};

template <class Value>
using NameMap = std::unordered_map<std::string, Value, NameHash, std::equal_to<>>;

}  // namespace portolan::model
