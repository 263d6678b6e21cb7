#include "gateway/usage_inspection.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "gateway/usage_folder.h"
#include "gateway/usage_limits.h"
#include "wire/json_writer.h"

namespace portolan::gateway {
namespace {

constexpr std::string_view row = "{:<16} {:<10} {:<28} {}\n";

class Inspector {
 public:
  Inspector(runtime::Disk& disk, const std::function<void(const InspectedRecord&)>& each)
      : disk_(disk), each_(each) {}

  Result<UsageInspection> folder(const std::string& path) {
    TRY(const auto names, disk_.list(path));
    std::map<std::uint64_t, std::vector<FoundSegment>> epochs;
    for (const std::string& file : names) {
      const auto name = parse_segment_name(file);
      if (!name) {
        seen_.notes.push_back(path + "/" + file + " is no segment of a usage log");
        continue;
      }
      TRY(auto found, find(*name, path + "/" + file));
      if (found) epochs[name->epoch].push_back(*std::move(found));
    }
    for (auto& [epoch, segments] : epochs) {
      follow_heads(segments);
      next_number_ = 0;
      for (const FoundSegment& segment : segments) TRY_DO(walk(segment));
    }
    return std::move(seen_);
  }

  Result<UsageInspection> file(SegmentName name, const std::string& path) {
    TRY(const auto found, find(name, path));
    if (found) TRY_DO(walk(*found));
    return std::move(seen_);
  }

 private:
  // Nothing for a segment made ahead, in which nothing was written yet.
  Result<std::optional<FoundSegment>> find(SegmentName name, const std::string& path) {
    constexpr std::size_t head_bytes = 4096;
    TRY(const std::string beginning, disk_.read_range(path, 0, head_bytes));
    FoundSegment found;
    found.facts.name = name;
    found.facts.path = path;
    found.facts.end = usage_segment_bytes.value;
    found.head = read_segment_head(beginning);
    if (!found.head) {
      TRY(const std::string bytes, disk_.read_range(path, 0, found.facts.end));
      if (bytes.find_first_not_of('\0') == std::string::npos) return std::nullopt;
    }
    return found;
  }

  Status walk(const FoundSegment& segment) {
    const UsageSegmentFacts& facts = segment.facts;
    TRY(const std::string bytes, disk_.read_range(facts.path, 0, facts.end));
    SegmentWalk walk(bytes);
    while (const auto record = walk.next()) {
      if (record->number > 0) expect_number(record->number, facts.path);
      each_({.segment = facts.name,
             .offset = walk.position() - record->bytes.size(),
             .record = *record});
    }
    for (const SegmentWalk::Damage& damage : walk.damages()) {
      if (damage.at_end && !segment.end_known && segment.head) {
        seen_.notes.push_back(fmt::format("{} was cut at byte {}, as by the end of its process",
                                          facts.path, damage.offset));
      } else {
        seen_.damages.push_back(fmt::format("{}: {} bytes are damaged at byte {} ({})", facts.path,
                                            damage.bytes, damage.offset, damage.what));
      }
    }
    return {};
  }

  void expect_number(std::uint64_t number, const std::string& path) {
    if (next_number_ > 0 && number != next_number_) {
      seen_.damages.push_back(
          fmt::format("{}: number {} stands where {} belongs", path, number, next_number_));
    }
    next_number_ = number + 1;
  }

  runtime::Disk& disk_;
  const std::function<void(const InspectedRecord&)>& each_;
  UsageInspection seen_;
  std::uint64_t next_number_ = 0;  // of this epoch; 0: any
};

std::string counts_of(const wire::UsageCounts& counts) {
  return fmt::format("{} + {} tokens{}", counts.prompt.value, counts.completion.value,
                     counts.estimated ? " (estimated)" : "");
}

// The request and what a person wants to know first.
struct Said {
  std::string request_id;
  std::string what;
};

Said say(const wire::UsageSegment& head) {
  return {"", fmt::format("gateway {} of network {}, epoch {}, segment {}", head.gateway,
                          head.network, head.epoch, head.index)};
}
Said say(const wire::UsageStart& start) {
  return {"", fmt::format("{} earlier epochs on disk, {} requests closed as {}",
                          start.earlier.size(), start.crashed, wire::outcome_crash)};
}
Said say(const wire::UsageOpen& open) {
  return {open.request.request_id, open.request.workspace + " " + open.request.model};
}
Said say(const wire::UsageCheckpoint& checkpoint) {
  return {checkpoint.request_id, counts_of(checkpoint.counts) + " in " + checkpoint.executor_zone};
}
Said say(const wire::UsageClose& close) {
  const std::string where = close.executor_zone.empty() ? "" : " in " + close.executor_zone;
  return {close.request.request_id,
          fmt::format("{} {}, {}{}", close.outcome, close.status, counts_of(close.counts), where)};
}
Said say(const wire::UsageExec& exec) {
  return {exec.request_id,
          fmt::format("{}, {} for {}", exec.outcome, counts_of(exec.counts), exec.entry_gateway)};
}

}  // namespace

Result<UsageInspection> inspect_usage(runtime::Disk& disk, const std::string& path,
                                      const std::function<void(const InspectedRecord&)>& each) {
  Inspector inspector(disk, each);
  const std::string file = path.substr(path.find_last_of('/') + 1);
  const auto name = parse_segment_name(file);
  if (name) return inspector.file(*name, path);
  return inspector.folder(path);
}

void render_inspected(std::string& out, const InspectedRecord& inspected) {
  const wire::RawUsageRecord& record = inspected.record;
  const std::string_view kind = wire::name_of(record.kind);
  const std::string file = render_segment_name(inspected.segment);
  wire::JsonWriter json(out);
  json.begin_object()
      .member("kind", kind.empty() ? "unknown" : kind)
      .member("number", record.number)
      .member("segment", std::string_view(file))
      .member("offset", inspected.offset);
  // A head says its epoch itself.
  if (record.kind != wire::UsageKind::segment) json.member("epoch", inspected.segment.epoch);
  if (record.payload.starts_with('{') && record.payload.size() > 2) {
    out += ',';
    out += record.payload.substr(1);
  } else {
    out += '}';
  }
  out += '\n';
}

std::string inspected_heading() {
  return fmt::format(fmt::runtime(row), "EPOCH/NUMBER", "KIND", "REQUEST", "WHAT");
}

void render_inspected_row(std::string& out, const InspectedRecord& inspected) {
  const wire::RawUsageRecord& record = inspected.record;
  const auto body = wire::parse_usage_body(record);
  Said said{"", body ? "of a kind that this version does not know" : "cannot be read"};
  if (body && *body) said = std::visit([](const auto& of) { return say(of); }, **body);
  const std::string number = record.number > 0 ? std::to_string(record.number) : "-";
  out += fmt::format(fmt::runtime(row), fmt::format("{}/{}", inspected.segment.epoch, number),
                     wire::name_of(record.kind), said.request_id, said.what);
}

}  // namespace portolan::gateway
