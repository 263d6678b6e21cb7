#include <utility>

#include "gateway/usage_log.h"
#include "runtime/offload.h"
#include "runtime/wait.h"

namespace portolan::gateway {

runtime::Task<Status> UsageLog::make_durable() {
  shard_.assert_here();
  const std::uint64_t goal = written_records_;
  while (synced_records_ < goal) {
    if (sync_fault_) co_return full();
    if (syncing_) {
      CO_TRY_DO(co_await synced_event_.wait());
    } else {
      co_await sync_once();
    }
  }
  co_return Status();
}

// Everything written so far, oldest first (fdatasync on another thread beside
// write here is what POSIX lets one do with a descriptor): a record is never on the disk without
// those before it. What a failed sync did not write is marked clean by the system,
// so that trying again would succeed and mean nothing.
runtime::Task<void> UsageLog::sync_once() {
  syncing_ = true;
  const std::uint64_t records = written_records_;
  const std::uint64_t number = written_number_;
  const OpenSegment last = current_ ? *current_ : unsynced_.back();
  const std::size_t given_up = unsynced_.size();
  std::vector<std::shared_ptr<runtime::AppendFile>> files;
  for (const OpenSegment& segment : unsynced_) files.push_back(segment.file);
  if (current_) files.push_back(current_->file);
  const Status done = co_await runtime::offload(shard_, [&files]() -> Status {
    for (const auto& file : files) TRY_DO(file->sync());
    return {};
  });
  syncing_ = false;
  if (done) {
    synced_records_ = records;
    synced_number_ = number;
    synced_segment_ = last.facts.name;
    synced_end_ = last.facts.end;
    unsynced_.erase(unsynced_.begin(), unsynced_.begin() + static_cast<std::ptrdiff_t>(given_up));
  } else {
    sync_fault_ = done.error();
    shard_.report("usage log: " + sync_fault_->message +
                  "; no new request is let in until the disk is mended and this gateway restarted");
  }
  synced_event_.notify_all();
}

runtime::Task<void> UsageLog::run() {
  for (;;) {
    while (synced_records_ == written_records_ || sync_fault_) {
      const Status told = co_await written_event_.wait();
      if (!told) co_return;
    }
    const Status slept = co_await runtime::sleep_for(shard_, log_flush_ms.milliseconds());
    if (!slept) co_return;
    const Status durable = co_await make_durable();
    if (!durable && durable.error().code == Code::cancelled) co_return;
  }
}

runtime::Task<void> UsageLog::close() {
  co_await upkeep_gate_.drain();
  const Status durable = co_await make_durable();
  if (!durable) shard_.report("usage log: " + durable.error().message);
}

}  // namespace portolan::gateway
