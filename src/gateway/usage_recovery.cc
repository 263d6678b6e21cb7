#include "gateway/usage_recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <utility>

namespace portolan::gateway {
namespace {

constexpr std::size_t head_bytes_read = 4096;

using EpochFound = std::vector<FoundSegment>;  // ascending

// What the records of one epoch say, read from some segment on.
struct EpochRead {
  std::vector<wire::UsageRequest> opens;
  std::map<std::string, wire::UsageCheckpoint> checkpoints;  // the last of each request
  std::set<std::string> closed;
  std::optional<wire::UsageStart> start;
  std::uint64_t crashes_closed = 0;  // of `start->crashed`
  std::uint64_t last_number = 0;
  bool from_first = false;

  // An epoch serves only when it has closed everything before it.
  bool closed_all_before() const {
    return !from_first || (start && crashes_closed == start->crashed);
  }
};

class Recovery {
 public:
  Recovery(runtime::Disk& disk, const UsageLogOptions& options) : disk_(disk), options_(options) {}

  Result<UsageRecovered> run() {
    TRY_DO(find_segments());
    for (auto& [epoch, found] : epochs_) follow_heads(found);
    for (auto& [epoch, found] : epochs_ | std::views::reverse) {
      TRY(EpochRead read, read_epoch(found));
      const bool done = read.closed_all_before();
      if (read.start) remember_ends(*read.start);
      ends_[epoch] = std::max(ends_[epoch], read.last_number);
      reads_.push_back(std::move(read));
      if (done) break;
    }
    collect_crashed();
    TRY_DO(collect_segments());
    return std::move(recovered_);
  }

 private:
  void report(std::string sentence) {
    recovered_.reports.push_back("usage log: " + std::move(sentence));
  }

  Status find_segments() {
    TRY(const auto names, disk_.list(options_.folder));
    for (const std::string& file : names) {
      const std::string path = options_.folder + "/" + file;
      const auto name = parse_segment_name(file);
      if (!name) {
        report(path + " is no segment of a usage log; it is left alone");
        continue;
      }
      if (name->epoch >= options_.epoch) {
        return Fault{
            Code::bad_configuration, Retry::never,
            fmt::format("{} is of epoch {}, and this process was given epoch {}; ids would be "
                        "used again: write {} into the file 'epoch' beside the folder",
                        path, name->epoch, options_.epoch, name->epoch)};
      }
      if (auto found = look_at(*name, path)) epochs_[name->epoch].push_back(*std::move(found));
    }
    return {};
  }

  std::optional<FoundSegment> look_at(SegmentName name, const std::string& path) {
    FoundSegment found;
    found.facts.name = name;
    found.facts.path = path;
    found.facts.end = options_.segment_bytes;
    const auto beginning = disk_.read_range(path, 0, head_bytes_read);
    if (!beginning) {
      report(beginning.error().message + "; it is left alone");
      return std::nullopt;
    }
    found.head = read_segment_head(*beginning);
    if (!found.head) return look_behind_head(std::move(found));
    if (found.head->network != options_.network || found.head->gateway != options_.gateway ||
        found.head->epoch != name.epoch || found.head->index != name.index) {
      report(fmt::format(
          "{} belongs to gateway {} of network {} (epoch {}, segment {}); it is left alone", path,
          found.head->gateway, found.head->network, found.head->epoch, found.head->index));
      return std::nullopt;
    }
    found.facts.began = found.head->began;
    found.facts.first_number = found.head->first_number;
    found.facts.last_number = found.head->first_number - 1;
    return found;
  }

  // Made ahead and never used: removed. Damaged: what stands behind counts.
  std::optional<FoundSegment> look_behind_head(FoundSegment found) {
    const std::string& path = found.facts.path;
    const auto bytes = disk_.read_range(path, 0, options_.segment_bytes);
    if (!bytes) {
      report(bytes.error().message + "; it is left alone");
      return std::nullopt;
    }
    if (bytes->find_first_not_of('\0') == std::string::npos) {
      const Status removed = disk_.remove(path);
      if (!removed) report(removed.error().message);
      return std::nullopt;
    }
    if (!SegmentWalk(*bytes).next()) {
      report(path + " holds no whole record; it is left alone");
      return std::nullopt;
    }
    report(path + ": its head is damaged; what stands behind it is read");
    return found;
  }

  // From the segment with the oldest request that may be open.
  Result<EpochRead> read_epoch(EpochFound& found) {
    std::uint64_t from = found.front().facts.name.index;
    for (const FoundSegment& segment : found) {
      if (segment.head && segment.facts.end > 0) from = std::max(from, segment.head->open_from);
    }
    EpochRead read;
    read.from_first = from <= 1;
    for (FoundSegment& segment : found) {
      if (segment.facts.name.index >= from && segment.facts.end > 0) {
        TRY_DO(read_segment(segment, read));
      }
    }
    return read;
  }

  Status read_segment(FoundSegment& segment, EpochRead& read) {
    UsageSegmentFacts& facts = segment.facts;
    TRY(const std::string bytes, disk_.read_range(facts.path, 0, facts.end));
    SegmentWalk walk(bytes);
    while (const auto record = walk.next()) {
      if (record->number > 0) {
        if (!segment.head && facts.last_number < facts.first_number)
          facts.first_number = record->number;
        if (!segment.end_known) facts.last_number = record->number;
        read.last_number = std::max(read.last_number, record->number);
      }
      note(*record, facts.path, read);
    }
    if (!segment.end_known) facts.end = walk.position();
    for (const SegmentWalk::Damage& damage : walk.damages()) {
      report(
          fmt::format("{}: {} at byte {} ({})", facts.path,
                      damage.at_end ? "was cut" : fmt::format("{} bytes are damaged", damage.bytes),
                      damage.offset, damage.what));
    }
    // Before any of it is given to a reader it is on the disk.
    TRY(const auto file, disk_.open_append(facts.path));
    return file->sync();
  }

  void note(const wire::RawUsageRecord& record, const std::string& path, EpochRead& read) {
    if (record.kind == wire::UsageKind::exec || record.kind == wire::UsageKind::segment) return;
    auto body = wire::parse_usage_body(record);
    if (!body) {
      report(path + ": a record cannot be read: " + body.error().message);
      return;
    }
    if (!*body) return;
    if (auto* start = std::get_if<wire::UsageStart>(&**body)) {
      read.start = std::move(*start);
    } else if (auto* open = std::get_if<wire::UsageOpen>(&**body)) {
      read.opens.push_back(std::move(open->request));
    } else if (auto* checkpoint = std::get_if<wire::UsageCheckpoint>(&**body)) {
      read.checkpoints[checkpoint->request_id] = *checkpoint;
    } else if (auto* close = std::get_if<wire::UsageClose>(&**body)) {
      if (read.start && record.number <= read.start->crashed + 1) ++read.crashes_closed;
      read.closed.insert(close->request.request_id);
    }
  }

  void remember_ends(const wire::UsageStart& start) {
    for (const auto& [epoch, last] : start.earlier) ends_[epoch] = std::max(ends_[epoch], last);
  }

  void collect_crashed() {
    std::set<std::string> closed;
    for (const EpochRead& read : reads_) closed.insert(read.closed.begin(), read.closed.end());
    for (EpochRead& read : reads_ | std::views::reverse) {
      for (wire::UsageRequest& request : read.opens) {
        if (!closed.insert(request.request_id).second) continue;
        wire::UsageClose close;
        const auto last = read.checkpoints.find(request.request_id);
        if (last != read.checkpoints.end()) {
          close.executor_region = last->second.executor_region;
          close.executor_zone = last->second.executor_zone;
          close.executor_gateway = last->second.executor_gateway;
          close.counts = last->second.counts;
        }
        close.request = std::move(request);
        close.outcome = wire::outcome_crash;
        recovered_.crashed.push_back(std::move(close));
      }
    }
  }

  // The last segment of an epoch that was not read ends where its epoch ends.
  Status collect_segments() {
    for (auto& [epoch, found] : epochs_) {
      FoundSegment& last = found.back();
      if (!last.end_known && !ends_.contains(epoch)) {
        EpochRead read;
        TRY_DO(read_segment(last, read));
        ends_[epoch] = std::max(read.last_number, last.facts.last_number);
      }
      if (!last.end_known) {
        ends_[epoch] = std::max(ends_[epoch], last.facts.last_number);
        last.facts.last_number = ends_[epoch];
      }
      recovered_.ends.push_back({.epoch = epoch, .last = ends_[epoch]});
      for (FoundSegment& segment : found) recovered_.segments.push_back(std::move(segment.facts));
    }
    return {};
  }

  runtime::Disk& disk_;
  const UsageLogOptions& options_;
  std::map<std::uint64_t, EpochFound> epochs_;
  std::map<std::uint64_t, std::uint64_t> ends_;
  std::vector<EpochRead> reads_;  // newest first
  UsageRecovered recovered_;
};

}  // namespace

Result<UsageRecovered> recover_usage(runtime::Disk& disk, const UsageLogOptions& options) {
  return Recovery(disk, options).run();
}

}  // namespace portolan::gateway
