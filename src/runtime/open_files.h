#pragma once

#include <cstddef>

namespace portolan::runtime {

// Lets this process have as many open files as the system allows it
// (RLIMIT_NOFILE, soft to hard), and returns how many that is.
std::size_t raise_open_files();

}  // namespace portolan::runtime
