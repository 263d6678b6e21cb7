#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/usage_segment.h"

namespace portolan::gateway {

// A segment on the disk, as far as it counts.
struct UsageSegmentFacts {
  SegmentName name;
  std::string path;
  WallTime began;
  std::uint64_t first_number = 1;  // the next numbered record when it began
  std::uint64_t last_number = 0;   // below `first_number` when it holds none
  std::uint64_t end = 0;           // bytes that count
};

// A file of a log's folder that is one of its segments.
struct FoundSegment {
  UsageSegmentFacts facts;
  std::optional<wire::UsageSegment> head;  // nothing: it is damaged
  bool end_known = false;                  // a later head says what counts
};

// What the first record of a segment says; nothing when none stands there.
std::optional<wire::UsageSegment> read_segment_head(std::string_view bytes);

// Lets each head say what counts of the segments before it, and which numbers
// they hold. `segments` are those of one epoch, ascending.
void follow_heads(std::vector<FoundSegment>& segments);

}  // namespace portolan::gateway
