#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/up_home.h"
#include "runtime/disk.h"
#include "world/resource.h"

namespace portolan::cli {

// Resources for which `up` starts processes, and which it does not apply: they are there for
// `portolan region open` and `portolan zone open`.
struct ReadyFile {
  std::string name;                        // of the file, without its folder
  std::vector<world::Resource> resources;  // in the file's order
  friend bool operator==(const ReadyFile&, const ReadyFile&) = default;
};

// Reads them, each on top of the World and of those before it. Errors: bad_configuration with every
// problem; two files of one name.
Result<std::vector<ReadyFile>> read_ready_files(runtime::Disk& disk,
                                                const std::vector<std::string>& files,
                                                world::Contents world);

// The World once all of them are applied.
world::Contents with_ready(world::Contents world, const std::vector<ReadyFile>& files);
// The same files with each resource as it is in `filled`: with URLs.
std::vector<ReadyFile> filled_in(std::vector<ReadyFile> files, const world::Contents& filled);

// "region open FILE", "zone open FILE", or "apply -f FILE" where there is no Opening in it, in
// words of a command; the file is the one in the home.
std::vector<std::string> opening_command(const ReadyFile& file, const Home& home);

}  // namespace portolan::cli
