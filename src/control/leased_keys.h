#pragma once

#include <string_view>

namespace portolan::control {

// Whether a key of the store says which process is at something, or what it was told, held by a
// lease: it goes with that process. Copied without the lease it would stay for ever, and nobody
// could take it.
bool is_held_by_lease(std::string_view key);

}  // namespace portolan::control
