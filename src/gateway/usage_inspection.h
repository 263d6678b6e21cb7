#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gateway/usage_segment.h"
#include "runtime/disk.h"

namespace portolan::gateway {

// A record as a person or a test looks at it.
struct InspectedRecord {
  SegmentName segment;
  std::size_t offset = 0;
  wire::RawUsageRecord record;  // lives as long as the call that it is given to
};

// What a look at a log found besides records: sentences that name the place.
struct UsageInspection {
  std::vector<std::string> damages;  // records that are lost, or may be
  std::vector<std::string> notes;    // what is no damage: an end cut by a crash, other files
};

// Gives every record that counts, in order of the log, of a folder or of one
// segment; changes nothing, and may look while a gateway writes. Blocks. Errors:
// resource_not_found, disk_failed.
Result<UsageInspection> inspect_usage(runtime::Disk& disk, const std::string& path,
                                      const std::function<void(const InspectedRecord&)>& each);

// {"kind","epoch","number","segment","offset", and the record's own members}, and
// a line feed. Checkpoints, opens and segments have the number 0.
void render_inspected(std::string& out, const InspectedRecord& inspected);

// The same as a row for a person, and the line above all rows.
void render_inspected_row(std::string& out, const InspectedRecord& inspected);
std::string inspected_heading();

}  // namespace portolan::gateway
