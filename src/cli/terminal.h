#pragma once

#include <cstddef>

namespace portolan::cli {

// Characters in a line of standard output; 0 where it is no terminal.
std::size_t terminal_columns();

}  // namespace portolan::cli
