#pragma once

#include <string>
#include <string_view>

namespace portolan::control {

// That a zone is drained for a drill of an opening alone, in the store beside the State:
// opening-drill/<zone>, with the opening's name. Who drains it meanwhile and means it takes the
// mark away, and then the drill does not lift it.
inline constexpr std::string_view drill_prefix = "opening-drill/";

inline std::string drill_key(std::string_view zone) {
  return std::string(drill_prefix) + std::string(zone);
}

}  // namespace portolan::control
