#include <fmt/format.h>

#include <utility>

#include "gateway/usage_log.h"
#include "runtime/offload.h"
#include "runtime/wait.h"

namespace portolan::gateway {

using wire::UsageKind;

std::size_t UsageLog::room() const {
  // What a head takes, and the end of a segment that the next record is too large for.
  const std::size_t lost = usage_close_reserve_bytes.count();
  std::size_t room = spares_.size() * (options_.segment_bytes - lost);
  if (current_ && options_.segment_bytes > current_->facts.end + lost) {
    room += options_.segment_bytes - current_->facts.end - lost;
  }
  return room > waiting_bytes_.size() ? room - waiting_bytes_.size() : 0;
}

// A close has been reserved for by its open. An open leaves room for what its
// request writes on its way, too.
std::size_t UsageLog::room_needed(UsageKind kind) const {
  const std::size_t reserve = usage_close_reserve_bytes.count();
  const std::size_t closes = open_requests() * reserve;
  switch (kind) {
    case UsageKind::open:
      return closes + reserve + options_.segment_bytes / 4;
    case UsageKind::checkpoint:
    case UsageKind::exec:
      return closes + reserve;
    case UsageKind::segment:
    case UsageKind::start:
    case UsageKind::close:
      return 0;
  }
  return 0;
}

// Ahead of need, so that no request waits for a file to be made.
std::size_t UsageLog::room_wanted() const {
  return room_needed(UsageKind::open) + options_.segment_bytes / 2;
}

bool UsageLog::has_room(UsageKind kind) const {
  if (kind == UsageKind::open && sync_fault_) return false;
  return room() >= room_needed(kind);
}

runtime::Task<Status> UsageLog::wait_for_room(UsageKind kind) {
  while (!has_room(kind)) {
    if (kind == UsageKind::open && sync_fault_) co_return full();
    if (!start_upkeep()) co_return full();
    CO_TRY_DO(co_await room_event_.wait());
  }
  co_return Status();
}

bool UsageLog::take_spare() {
  if (spares_.empty()) return false;
  if (current_) {
    segments_.emplace(current_->facts.name, current_->facts);
    unsynced_.push_back(*std::move(current_));
  }
  current_ = std::move(spares_.front());
  spares_.pop_front();
  return true;
}

// Whether upkeep runs, and will tell room_event_ and flush when it has ended.
bool UsageLog::start_upkeep() {
  if (in_upkeep_) return true;
  if (upkeep_gate_.closed() || (room_fault_ && shard_.now() < room_retry_)) return false;
  in_upkeep_ = true;
  check(upkeep_gate_.start(upkeep(*this)), "upkeep has the gate for itself");
  return true;
}

runtime::Task<void> UsageLog::upkeep(UsageLog& log) {
  // Nobody is told before whoever started it waits.
  co_await runtime::yield(log.shard_);
  co_await log.remove_shipped(log.options_.bytes_max);
  bool made_all = true;
  while (log.room() < log.room_wanted() && made_all) {
    const Status made = co_await log.make_spare();
    made_all = made.has_value();
    if (!made && !log.room_fault_) {
      log.shard_.report("usage log: no more room: " + made.error().message);
    }
    if (made && log.room_fault_) log.shard_.report("usage log: there is room again");
    if (made) {
      log.room_fault_.reset();
    } else {
      log.room_fault_ = made.error();
      log.room_retry_ = log.shard_.now() + usage_room_retry_ms.milliseconds();
    }
  }
  log.in_upkeep_ = false;
  log.room_event_.notify_all();
  if (!log.waiting_.empty()) log.flush_soon();
}

runtime::Task<Status> UsageLog::make_spare() {
  // What was let in is written even where the log is at its limit.
  const bool must = !waiting_.empty() && spares_.empty() && !front_fits();
  if (!must && bytes_on_disk() + options_.segment_bytes > options_.bytes_max) {
    co_await remove_shipped(options_.bytes_max - options_.segment_bytes);
    if (bytes_on_disk() + options_.segment_bytes > options_.bytes_max) {
      co_return Fault{
          Code::limit_exceeded, Retry::later,
          fmt::format("it is at its limit of {} bytes (usage_log_bytes_max) and no meter "
                      "has taken the oldest records; look at the meter",
                      options_.bytes_max)};
    }
  }
  const SegmentName name{.epoch = options_.epoch, .index = next_index_};
  OpenSegment spare;
  spare.facts.name = name;
  spare.facts.path = options_.folder + "/" + render_segment_name(name);
  runtime::Disk& disk = shard_.disk();
  const std::string path = spare.facts.path;
  const std::uint64_t bytes = options_.segment_bytes;
  CO_TRY(auto file, co_await runtime::offload(shard_, [&disk, path, bytes] {
           return disk.create_preallocated(path, bytes);
         }));
  ++next_index_;
  spare.file = std::move(file);
  spares_.push_back(std::move(spare));
  co_return Status();
}

std::uint64_t UsageLog::bytes_on_disk() const {
  return (segments_.size() + spares_.size() + (current_ ? 1 : 0)) * options_.segment_bytes;
}

Fault UsageLog::full() const {
  std::string why = "it is being closed";
  if (sync_fault_) {
    why = sync_fault_->message;
  } else if (room_fault_) {
    why = room_fault_->message;
  }
  return {Code::usage_log_full, Retry::elsewhere,
          "the usage log in " + options_.folder + " takes no more: " + why};
}

// The oldest segment, when the meter has it (where there is one), no request of it
// is open, and it is not needed for receipts or there is no room to keep it.
bool UsageLog::may_remove_oldest(std::uint64_t bytes_max) const {
  if (segments_.empty()) return false;
  const UsageSegmentFacts& oldest = segments_.begin()->second;
  const auto next = std::next(segments_.begin());
  const UsageSegmentFacts* following = next != segments_.end() ? &next->second
                                       : current_              ? &current_->facts
                                                               : nullptr;
  if (following == nullptr || following->end == 0 || !begun_) return false;
  const UsagePosition behind{.epoch = oldest.name.epoch, .number = oldest.last_number + 1};
  if (options_.has_meter && shipped_ < behind) return false;
  if (oldest.name.epoch == options_.epoch) {
    if (oldest.name >= synced_segment_) return false;
    for (const auto& [request, index] : open_in_) {
      if (index == oldest.name.index) return false;
    }
  }
  const Duration kept = Duration::hours(24) * static_cast<std::int64_t>(receipt_days.value);
  return following->began + kept < shard_.wall_now() || bytes_on_disk() > bytes_max;
}

runtime::Task<void> UsageLog::remove_shipped(std::uint64_t bytes_max) {
  while (may_remove_oldest(bytes_max)) {
    const std::string path = segments_.begin()->second.path;
    segments_.erase(segments_.begin());
    runtime::Disk& disk = shard_.disk();
    const Status removed =
        co_await runtime::offload(shard_, [&disk, path] { return disk.remove(path); });
    if (!removed) shard_.report("usage log: " + removed.error().message);
  }
}

void UsageLog::shipped(UsagePosition before) {
  shard_.assert_here();
  if (before > shipped_) shipped_ = before;
  if (may_remove_oldest(options_.bytes_max)) start_upkeep();
}

}  // namespace portolan::gateway
