#pragma once

#include <cstddef>

namespace portolan::app {

// What is read of a file that a flag names: a certificate, a key, a list of secrets.
inline constexpr std::size_t small_file_bytes_max = 1024 * 1024;

}  // namespace portolan::app
