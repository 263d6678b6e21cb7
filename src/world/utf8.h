#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace portolan::world {

// Where the first byte stands that is no UTF-8 (RFC 3629) or that begins a
// control character other than tab, line feed and carriage return.
std::optional<std::size_t> find_bad_utf8(std::string_view text);

}  // namespace portolan::world
