#include "gateway/usage_folder.h"

#include <ranges>

namespace portolan::gateway {

std::optional<wire::UsageSegment> read_segment_head(std::string_view bytes) {
  const auto record = wire::read_usage_record(bytes);
  if (!record || !*record || (*record)->kind != wire::UsageKind::segment) return std::nullopt;
  const auto body = wire::parse_usage_body(**record);
  if (!body || !*body) return std::nullopt;
  return std::get<wire::UsageSegment>(**body);
}

void follow_heads(std::vector<FoundSegment>& segments) {
  std::optional<wire::UsageSegment> next;
  for (FoundSegment& segment : segments | std::views::reverse) {
    if (next && segment.facts.name.index >= next->after_index) {
      segment.end_known = true;
      segment.facts.last_number = next->first_number - 1;
      if (segment.facts.name.index > next->after_index) {
        segment.facts.end = 0;
        segment.facts.first_number = next->first_number;
        continue;
      }
      segment.facts.end = next->after_end;
    }
    next = segment.head;
  }
}

}  // namespace portolan::gateway
