#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "runtime/disk.h"

namespace portolan::app {

// What is read of a file that a flag names: a certificate, a key, a list of secrets.
inline constexpr std::size_t small_file_bytes_max = 1024 * 1024;

// The text of a file that `source`, a flag or a variable, names. Blocks. Errors:
// bad_configuration, naming both, where it cannot be read or is empty.
Result<std::string> read_file_named_by(runtime::Disk& disk, std::string_view source,
                                       const std::string& file);

}  // namespace portolan::app
