#include "gateway/usage_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <coroutine>
#include <utility>

#include "runtime/offload.h"

namespace portolan::gateway {

struct UsageLog::Record {
  wire::UsageBody body;
  wire::UsageKind kind;
  std::uint64_t number = 0;
  std::size_t bytes = 0;
  Status outcome;
  std::coroutine_handle<> waiting;

  explicit Record(wire::UsageBody of) : body(std::move(of)), kind(wire::kind_of(body)) {}
};

// Not cut short by cancelling: the record is in the queue, and the queue is
// written within a turn or two.
struct UsageLog::UntilWritten {
  UsageLog& log;
  Record& record;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) const {
    record.waiting = waiting;
    log.enqueue(record);
  }
  void await_resume() const noexcept {}
};

UsageLog::UsageLog(runtime::Shard& shard, UsageLogOptions options)
    : shard_(shard),
      options_(std::move(options)),
      flush_operation_(*this),
      written_event_(shard),
      synced_event_(shard),
      room_event_(shard),
      upkeep_gate_(shard, 1) {}

runtime::Task<Result<std::unique_ptr<UsageLog>>> UsageLog::open(runtime::Shard& shard,
                                                                UsageLogOptions options) {
  check(options.segment_bytes >= 4 * usage_close_reserve_bytes.value,
        "a segment holds a few closes");
  runtime::Disk& disk = shard.disk();
  CO_TRY_DO(disk.make_folder(options.folder));
  CO_TRY(UsageRecovered recovered, co_await runtime::offload(shard, [&disk, &options] {
           return recover_usage(disk, options);
         }));
  for (const std::string& sentence : recovered.reports) shard.report(sentence);
  std::unique_ptr<UsageLog> log(new UsageLog(shard, std::move(options)));
  const Status begun = co_await log->begin(std::move(recovered));
  if (begun) co_return log;
  co_await log->upkeep_gate_.drain();
  co_return begun.error();
}

runtime::Task<Status> UsageLog::begin(UsageRecovered recovered) {
  for (UsageSegmentFacts& segment : recovered.segments) {
    segments_.emplace(segment.name, std::move(segment));
  }
  // What the oldest epochs ended with is told by the starts before this one.
  constexpr std::size_t epochs_told_max = 1'000;
  const std::size_t told = std::min(recovered.ends.size(), epochs_told_max);
  wire::UsageStart start{
      .at = shard_.wall_now(),
      .earlier = {recovered.ends.end() - static_cast<std::ptrdiff_t>(told), recovered.ends.end()},
      .crashed = recovered.crashed.size()};
  CO_TRY_DO(co_await append(std::move(start)));
  for (wire::UsageClose& close : recovered.crashed) {
    close.ended = shard_.wall_now();
    CO_TRY_DO(co_await append(std::move(close)));
  }
  CO_TRY_DO(co_await make_durable());
  begun_ = true;
  if (!recovered.crashed.empty()) {
    shard_.report(
        fmt::format("usage log: {} requests that an earlier process left open are closed as {}",
                    recovered.crashed.size(), wire::outcome_crash));
  }
  co_return Status();
}

runtime::Task<Status> UsageLog::append(wire::UsageBody body) {
  shard_.assert_here();
  Record record(std::move(body));
  if (!has_room(record.kind)) {
    CO_TRY_DO(co_await wait_for_room(record.kind));
  }
  const std::size_t before = waiting_bytes_.size();
  if (wire::is_numbered(record.kind)) record.number = next_number_;
  wire::render_usage_record(waiting_bytes_, record.body, record.number);
  record.bytes = waiting_bytes_.size() - before;
  if (record.bytes > wire::usage_record_bytes_max.count() ||
      record.bytes > options_.segment_bytes / 2) {
    waiting_bytes_.resize(before);
    co_return Fault{
        Code::limit_exceeded, Retry::never,
        fmt::format("a usage record of {} bytes is over usage_record_bytes_max", record.bytes)};
  }
  if (record.number > 0) ++next_number_;
  if (record.kind == wire::UsageKind::open) ++opening_;
  co_await UntilWritten{*this, record};
  co_return std::move(record.outcome);
}

void UsageLog::enqueue(Record& record) {
  waiting_.push_back(&record);
  flush_soon();
}

void UsageLog::flush_soon() {
  if (!flush_due_) shard_.make_ready(flush_operation_);
  flush_due_ = true;
}

// Writes what waits; what there is no room for waits for upkeep, or fails.
void UsageLog::flush() {
  flush_due_ = false;
  while (!waiting_.empty()) {
    if (front_fits()) {
      write_front();
    } else if (!take_spare()) {
      if (start_upkeep()) break;
      fail_waiting(full());
    }
  }
  if (room() < room_wanted()) start_upkeep();
  // Last, since who is told may append again, or let go of this log.
  for (Record* record : std::exchange(ended_, {})) record->waiting.resume();
}

bool UsageLog::front_fits() const {
  // A head is far smaller than what is kept for a close.
  const std::size_t head =
      current_ && current_->facts.end == 0 ? usage_close_reserve_bytes.count() : 0;
  return current_ && current_->facts.end + head + waiting_.front()->bytes <= options_.segment_bytes;
}

// One write of as many records as fit into the current segment.
bool UsageLog::write_front() {
  UsageSegmentFacts& facts = current_->facts;
  const bool fresh = facts.end == 0;
  std::string head;
  if (fresh) {
    const wire::UsageSegment says = head_of_current();
    facts.began = says.began;
    facts.first_number = says.first_number;
    facts.last_number = facts.first_number - 1;
    wire::render_usage_record(head, says, 0);
  }
  const std::size_t left = options_.segment_bytes - facts.end - head.size();
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (count < waiting_.size() && bytes + waiting_[count]->bytes <= left) {
    bytes += waiting_[count++]->bytes;
  }
  const std::string_view records = std::string_view(waiting_bytes_).substr(0, bytes);
  ++writes_;
  const Status done = current_->file->append(fresh ? head.append(records) : records);
  if (!done) {
    give_up_segment(done.error());
    return false;
  }
  facts.end += fresh ? head.size() : bytes;
  written_records_ += count;
  for (; count > 0; --count) {
    note_written(*waiting_.front());
    waiting_.pop_front();
  }
  waiting_bytes_.erase(0, bytes);
  written_event_.notify_all();
  return true;
}

void UsageLog::note_written(Record& record) {
  if (record.number > 0) current_->facts.last_number = written_number_ = record.number;
  if (const auto* open = std::get_if<wire::UsageOpen>(&record.body)) {
    --opening_;
    open_in_[open->request.request_id] = current_->facts.name.index;
  } else if (const auto* close = std::get_if<wire::UsageClose>(&record.body)) {
    open_in_.erase(close->request.request_id);
  }
  ended_.push_back(&record);
}

// Part of the write may stand on the disk: the next segment says that it does
// not count. A disk that fails at once again is not asked on and on.
void UsageLog::give_up_segment(const Fault& why) {
  const bool fresh = current_->facts.end == 0;
  shard_.report("usage log: " + why.message + "; " + current_->facts.path + " is given up");
  segments_.emplace(current_->facts.name, current_->facts);
  unsynced_.push_back(*std::exchange(current_, {}));
  if (!fresh) return;
  room_fault_ = why;
  room_retry_ = shard_.now() + usage_room_retry_ms.milliseconds();
  fail_waiting(full());
}

void UsageLog::fail_waiting(const Fault& why) {
  for (Record* record : std::exchange(waiting_, {})) {
    if (record->kind == wire::UsageKind::open) --opening_;
    record->outcome = why;
    ended_.push_back(record);
  }
  waiting_bytes_.clear();
  next_number_ = written_number_ + 1;
}

wire::UsageSegment UsageLog::head_of_current() const {
  const SegmentName name = current_->facts.name;
  wire::UsageSegment head{.network = options_.network,
                          .gateway = options_.gateway,
                          .epoch = name.epoch,
                          .index = name.index,
                          .began = shard_.wall_now(),
                          .after_index = 0,
                          .after_end = 0,
                          .first_number = written_number_ + 1,
                          .open_from = begun_ ? name.index : 1};
  for (auto before = segments_.rbegin(); before != segments_.rend(); ++before) {
    if (before->first.epoch != name.epoch) break;
    if (before->second.end == 0) continue;
    head.after_index = before->first.index;
    head.after_end = before->second.end;
    break;
  }
  for (const auto& [request, index] : open_in_) head.open_from = std::min(head.open_from, index);
  return head;
}

}  // namespace portolan::gateway
