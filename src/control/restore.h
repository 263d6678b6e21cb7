#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "control/backup_file.h"
#include "control/state.h"
#include "runtime/disk.h"

namespace portolan::control {

struct RestoreOrder {
  std::string file;
  std::string data;     // control's folder, without a store
  std::string network;  // whose backup it has to be
  std::string reason;   // for the audit log
};

// Makes a store out of a backup: in a file beside, which gets its name when all
// is in it. Its epoch is higher than the backup's, its revisions go on behind the
// backup's, and it says of itself that it was restored. Blocks. Errors: as
// read_backup; bad_configuration for another network; resource_conflict for a
// folder with a store; those of the store and the disk. Nothing is restored then.
Result<Backup> restore_store(runtime::Disk& disk, const RestoreOrder& order, WallTime now);

}  // namespace portolan::control
