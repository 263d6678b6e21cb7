#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/usage_folder.h"
#include "gateway/usage_limits.h"
#include "runtime/disk.h"

namespace portolan::gateway {

struct UsageLogOptions {
  std::string network;
  std::string gateway;
  std::uint64_t epoch = 0;  // higher than every one before on this disk
  std::string folder;
  // Whether a meter takes the records: then none is removed before it has them.
  bool has_meter = false;
  std::uint64_t bytes_max = usage_log_bytes_max.value;
  std::uint64_t segment_bytes = usage_segment_bytes.value;
};

// What earlier processes left in a folder.
struct UsageRecovered {
  std::vector<UsageSegmentFacts> segments;       // in order of the log
  std::vector<wire::UsageStart::EpochEnd> ends;  // of the epochs on disk, ascending
  std::vector<wire::UsageClose> crashed;         // requests to be closed, in order of opens
  std::vector<std::string> reports;              // sentences for the operator
};

// Reads what the folder holds; changes nothing but that segments in which nothing
// was ever written are removed. Blocks. What was not closed is looked for from the
// last epoch that had closed everything before it. Errors: disk_failed;
// bad_configuration when the folder holds a segment of this or a later epoch.
Result<UsageRecovered> recover_usage(runtime::Disk& disk, const UsageLogOptions& options);

}  // namespace portolan::gateway
