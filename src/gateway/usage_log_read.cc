#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <utility>

#include "gateway/usage_log.h"
#include "runtime/offload.h"

namespace portolan::gateway {
namespace {

// Numbered records in a row, cut out of a segment.
struct Cut {
  std::string bytes;
  std::size_t records = 0;
  std::uint64_t last = 0;    // number
  std::size_t position = 0;  // in the segment, behind the last
  bool gone = false;         // the file is no longer there
};

// Those from `number` on, up to `bytes_max`; at least one when there is one.
Cut cut_numbered(std::string_view segment, std::uint64_t number, std::size_t bytes_max) {
  Cut cut;
  SegmentWalk walk(segment);
  while (const auto record = walk.next()) {
    if (record->number >= number) {
      if (cut.records > 0 && cut.bytes.size() + record->bytes.size() > bytes_max) break;
      cut.bytes += record->bytes;
      cut.last = record->number;
      ++cut.records;
    }
    cut.position = walk.position();
  }
  return cut;
}

// The last record of that kind about that request; ids have no characters that JSON
// would escape, so that most segments need no parsing.
std::optional<wire::UsageBody> find_record(std::string_view segment, wire::UsageKind kind,
                                           const std::string& request_id) {
  const std::string member = fmt::format("\"request_id\":\"{}\"", request_id);
  // Skips most of the bytes: a fifth of what find() takes.
  const std::boyer_moore_horspool_searcher searcher(member.begin(), member.end());
  if (std::search(segment.begin(), segment.end(), searcher) == segment.end()) return std::nullopt;
  std::optional<wire::UsageBody> last;
  SegmentWalk walk(segment);
  while (const auto record = walk.next()) {
    if (record->kind != kind || record->payload.find(member) == std::string_view::npos) continue;
    const auto body = wire::parse_usage_body(*record);
    if (body && *body) last = *body;
  }
  return last;
}

constexpr std::size_t lookups_max = 8;

}  // namespace

std::uint64_t UsageLog::readable_end(const UsageSegmentFacts& segment) const {
  if (segment.name.epoch < options_.epoch || segment.name < synced_segment_) return segment.end;
  return segment.name == synced_segment_ ? synced_end_ : 0;
}

std::vector<const UsageSegmentFacts*> UsageLog::written_segments() const {
  std::vector<const UsageSegmentFacts*> segments;
  segments.reserve(segments_.size() + 1);
  for (const auto& [name, facts] : segments_) segments.push_back(&facts);
  if (current_) segments.push_back(&current_->facts);
  return segments;
}

std::vector<wire::UsageStart::EpochEnd> UsageLog::epochs() const {
  std::vector<wire::UsageStart::EpochEnd> epochs;
  for (const UsageSegmentFacts* segment : written_segments()) {
    const std::uint64_t epoch = segment->name.epoch;
    if (epochs.empty() || epochs.back().epoch != epoch)
      epochs.push_back({.epoch = epoch, .last = 0});
    epochs.back().last = epoch == options_.epoch ? synced_number_ : segment->last_number;
  }
  return epochs;
}

// The first segment that holds such a record, or none.
std::optional<UsageSegmentFacts> UsageLog::segment_with(UsagePosition from) const {
  for (const UsageSegmentFacts* segment : written_segments()) {
    const UsagePosition last{.epoch = segment->name.epoch, .number = segment->last_number};
    const bool holds_any = segment->last_number >= segment->first_number;
    if (holds_any && last >= from && readable_end(*segment) > 0) return *segment;
  }
  return std::nullopt;
}

runtime::Task<Result<UsageBatch>> UsageLog::read_numbered(UsagePosition from,
                                                          std::size_t bytes_max) {
  shard_.assert_here();
  UsageBatch batch;
  batch.next = from;
  for (;;) {
    const auto segment = segment_with(batch.next);
    if (!segment) co_return batch;
    UsagePosition at = batch.next;
    if (at.epoch != segment->name.epoch) at = {.epoch = segment->name.epoch, .number = 1};
    const bool go_on = read_to_.next == at && read_to_.segment == segment->name;
    const std::uint64_t begin = go_on ? read_to_.offset : 0;
    const std::uint64_t end = std::max(begin, readable_end(*segment));
    runtime::Disk& disk = shard_.disk();
    const std::string path = segment->path;
    CO_TRY(Cut cut, co_await runtime::offload(shard_, [=, &disk]() -> Result<Cut> {
             const auto bytes = disk.read_range(path, begin, end - begin);
             if (bytes) return cut_numbered(*bytes, at.number, bytes_max);
             if (bytes.error().code != Code::resource_not_found) return bytes.error();
             Cut nothing;
             nothing.gone = true;
             return nothing;
           }));
    if (cut.gone) shard_.report("usage log: " + path + " is gone; the meter will miss its records");
    if (cut.records > 0) {
      batch.next = {.epoch = at.epoch, .number = cut.last + 1};
      batch.records = cut.records;
      read_to_ = {.next = batch.next, .segment = segment->name, .offset = begin + cut.position};
      wire::UsageSegment head;
      head.network = options_.network;
      head.gateway = options_.gateway;
      head.epoch = at.epoch;
      wire::render_usage_record(batch.bytes, head, 0);
      batch.bytes += cut.bytes;
      co_return batch;
    }
    // All that was to be there is not yet synced, or damaged.
    if (segment->name >= synced_segment_ && segment->name.epoch == options_.epoch) co_return batch;
    batch.next = {.epoch = at.epoch, .number = segment->last_number + 1};
  }
}

runtime::Task<Result<std::optional<wire::UsageBody>>> UsageLog::find(wire::UsageKind kind,
                                                                     std::string request_id,
                                                                     std::uint64_t first_epoch) {
  shard_.assert_here();
  if (looking_ >= lookups_max) {
    co_return Fault{Code::overloaded, Retry::later,
                    fmt::format("{} look into the usage log already", looking_)};
  }
  ++looking_;
  std::vector<UsageSegmentFacts> segments;
  for (const UsageSegmentFacts* segment : written_segments()) {
    if (segment->name.epoch >= first_epoch && segment->end > 0) segments.push_back(*segment);
  }
  Result<std::optional<wire::UsageBody>> found = std::optional<wire::UsageBody>();
  for (std::size_t i = segments.size(); i > 0 && found && !*found; --i) {
    runtime::Disk& disk = shard_.disk();
    const UsageSegmentFacts& segment = segments[i - 1];
    auto looked =
        co_await runtime::offload(shard_, [&]() -> Result<std::optional<wire::UsageBody>> {
          const auto bytes = disk.read_range(segment.path, 0, segment.end);
          // It was removed in between: what it held is no longer kept.
          if (!bytes && bytes.error().code == Code::resource_not_found) return std::nullopt;
          if (!bytes) return bytes.error();
          return find_record(*bytes, kind, request_id);
        });
    found = std::move(looked);
  }
  --looking_;
  co_return found;
}

runtime::Task<Result<std::optional<wire::UsageClose>>> UsageLog::find_close(
    std::string request_id) {
  // <gateway>-<epoch>-<sequence>: its close is of that epoch, or of a later one
  // when the process died.
  const std::string prefix = options_.gateway + "-";
  std::uint64_t epoch = 0;
  const char* end = request_id.data() + request_id.size();
  if (!request_id.starts_with(prefix) ||
      std::from_chars(request_id.data() + prefix.size(), end, epoch, 16).ec != std::errc{}) {
    co_return std::optional<wire::UsageClose>();
  }
  CO_TRY(auto body, co_await find(wire::UsageKind::close, request_id, epoch));
  if (!body) co_return std::optional<wire::UsageClose>();
  co_return std::optional(std::get<wire::UsageClose>(*std::move(body)));
}

runtime::Task<Result<std::optional<wire::UsageExec>>> UsageLog::find_exec(std::string request_id) {
  CO_TRY(auto body, co_await find(wire::UsageKind::exec, request_id, 0));
  if (!body) co_return std::optional<wire::UsageExec>();
  co_return std::optional(std::get<wire::UsageExec>(*std::move(body)));
}

}  // namespace portolan::gateway
