#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "runtime/shard.h"

namespace portolan::meter {

inline constexpr Limit revoked_machines_bytes_max{"revoked_machines_bytes_max", 1024 * 1024,
                                                  "ids of machines that were revoked, in one list"};

// The machines whose certificates the meter believes no more, as controls have told it; for ever,
// so that a list which lacks some takes none of them back.
//
// Lives on: the meter's shard.  Owner: the process's root task.
class RevokedMachines {
 public:
  // Reads `path`; empty for none on disk. Errors: disk_failed for a file that is no such list.
  static Result<RevokedMachines> open(runtime::Shard& shard, std::string path);

  bool contains(const std::string& id) const { return ids_.contains(id); }
  // {"machines": [ID, ...]}: with those before, on disk when this returns. Errors:
  // invalid_parameter; those of the disk, after which none was added.
  Status add(std::string_view body);

 private:
  RevokedMachines(runtime::Shard& shard, std::string path)
      : shard_(&shard), path_(std::move(path)) {}

  runtime::Shard* shard_;
  std::string path_;
  std::set<std::string> ids_;
};

}  // namespace portolan::meter
