#include "sim/usage_read.h"

#include <cstring>
#include <optional>
#include <utility>

namespace portolan::sim {
namespace {

struct Segment {
  wire::UsageSegment head;
  std::string_view bytes;
};

std::optional<wire::UsageSegment> head_of(std::string_view bytes) {
  const auto raw = wire::read_usage_record(bytes);
  if (!raw || !*raw || (*raw)->kind != wire::UsageKind::segment) return std::nullopt;
  const auto body = wire::parse_usage_body(**raw);
  if (!body || !*body) return std::nullopt;
  const auto* head = std::get_if<wire::UsageSegment>(&**body);
  return head == nullptr ? std::nullopt : std::optional(*head);
}

// Zeros to the end.
bool is_unwritten(std::string_view bytes) {
  return bytes.front() == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

void take(const wire::RawUsageRecord& raw, UsageRead& read) {
  const auto body = wire::parse_usage_body(raw);
  if (!body || !*body) return;
  if (const auto* open = std::get_if<wire::UsageOpen>(&**body)) {
    ++read.opens[open->request.request_id];
  } else if (const auto* close = std::get_if<wire::UsageClose>(&**body)) {
    read.closes[close->request.request_id].push_back(*close);
  }
}

}  // namespace

void read_usage(const std::string& gateway, const std::map<std::string, std::string>& files,
                UsageRead& read) {
  std::map<std::pair<std::uint64_t, std::uint64_t>, Segment> segments;
  for (const auto& [path, bytes] : files) {
    if (!path.ends_with(".usage")) continue;
    const auto head = head_of(bytes);
    if (head) segments[{head->epoch, head->index}] = {*head, bytes};
  }
  // What stands behind the byte where the next one goes on does not count.
  for (auto& [name, segment] : segments) {
    const auto before = segments.find({name.first, segment.head.after_index});
    if (before == segments.end()) continue;
    std::string_view& bytes = before->second.bytes;
    bytes = bytes.substr(0, static_cast<std::size_t>(segment.head.after_end));
  }
  for (const auto& [name, segment] : segments) {
    std::size_t at = 0;
    while (at < segment.bytes.size()) {
      const auto raw = wire::read_usage_record(segment.bytes.substr(at));
      if (raw && *raw) {
        take(**raw, read);
        if (wire::is_numbered((*raw)->kind)) {
          read.numbers[gateway][name.first].push_back((*raw)->number);
        }
        at += (*raw)->bytes.size();
        continue;
      }
      if (is_unwritten(segment.bytes.substr(at))) break;
      const auto next = wire::find_usage_record(segment.bytes, at + wire::usage_alignment);
      if (!next) break;
      at = *next;
    }
  }
}

}  // namespace portolan::sim
