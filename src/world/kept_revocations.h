#pragma once

#include <array>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "runtime/disk.h"

namespace portolan::world {

// Ids of revoked keys that were once restricted here, and of which the Keyring held has no
// tombstone. Control restricts them no more when every Keyring that it sends has one, and a
// gateway may hold an older one for long. On disk, so that no restart loses them.
//
// Lives on: any one thread at a time; its calls block.  Owner: the gateway's Knowledge.
// Invariant: they stand in two files that are replaced one after the other, and what
//            either has counts: one too many is revoked all the same.
class KeptRevocations {
 public:
  using Ids = std::unordered_set<std::string>;

  // `path` without the copy's number at its end; `disk` outlives this.
  KeptRevocations(runtime::Disk& disk, const std::string& path)
      : disk_(&disk), paths_{path + ".1", path + ".2"} {}

  // Comes before keep(). Returns why a file that is there was not read.
  std::vector<Fault> load();

  // From now on these. Errors: disk_failed, disk_full, limit_exceeded above
  // keyring_bytes_max; ids() is then as before, and on disk is that, or both.
  Status keep(Ids ids);

  const Ids& ids() const { return ids_; }

 private:
  runtime::Disk* disk_;
  std::array<std::string, 2> paths_;
  Ids ids_;
};

}  // namespace portolan::world
