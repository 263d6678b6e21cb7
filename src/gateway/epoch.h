#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "runtime/disk.h"

namespace portolan::gateway {

// The number of this start, which is kept in the folder; part of every request id, so that no id is
// ever used again. It is above that of the start before, and at least the seconds since 1970: a
// disk that is new, or was put back as it once was, goes on above whatever it has forgotten.
// Errors: those of the disk; disk_failed for a file that holds no number.
Result<std::uint64_t> raise_epoch(runtime::Disk& disk, const std::string& folder, WallTime now);

}  // namespace portolan::gateway
