#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/usage_limits.h"
#include "gateway/usage_recovery.h"
#include "runtime/event.h"
#include "runtime/gate.h"

namespace portolan::gateway {

// The next numbered record that a reader wants.
struct UsagePosition {
  std::uint64_t epoch = 0;
  std::uint64_t number = 1;
  friend auto operator<=>(const UsagePosition&, const UsagePosition&) = default;
};

// Numbered records of one epoch, as they stand in the log.
struct UsageBatch {
  std::string bytes;        // a UsageSegment of this epoch, then the records
  std::size_t records = 0;  // without the head
  UsagePosition next;       // behind them; of a later epoch where this one has no more
};

// The write-ahead log of a gateway's requests (promise P4), in segments whose
// room is taken ahead. Process death loses nothing that append() returned for;
// machine death nothing that make_durable() returned for, and at most
// log_flush_ms of the rest while run() runs.
//
// Lives on: one shard.  Owner: run_gateway's frame. close() must be awaited
// before it is destroyed.
// Invariants: (1) numbered records have the numbers 1, 2, 3... of this epoch, in
//                 the order of the log; a failed append leaves no number out;
//             (2) what a failed write left on the disk is not counted: the next
//                 segment says behind which byte it goes on;
//             (3) as long as the disk obeys there is room for the close of every
//                 request whose open was written;
//             (4) only what is synced is ever given to a reader.
class UsageLog {
 public:
  // Opens the folder: closes what earlier processes left open, begins this epoch.
  // Errors: usage_log_full, disk_failed; bad_configuration when the folder holds
  // a later epoch.
  static runtime::Task<Result<std::unique_ptr<UsageLog>>> open(runtime::Shard& shard,
                                                               UsageLogOptions options);

  // Returns when the record is written, or will never be. Records of one turn of
  // the shard go in one write. Cancelling shortens it only where it waits for
  // room, and then nothing is written. Errors: usage_log_full, elsewhere;
  // limit_exceeded for a record over usage_record_bytes_max. A close (and, while
  // there is room beyond the closes, a checkpoint) is still written when an open
  // is refused.
  runtime::Task<Status> append(wire::UsageBody body);

  // Returns when everything that was written before is on the disk. A disk that
  // once failed to keep what it was given is not trusted again by this process:
  // usage_log_full, here and for every open from then on.
  runtime::Task<Status> make_durable();

  // Syncs log_flush_ms after a write. Until cancelled.
  runtime::Task<void> run();
  // Ends what runs beside, and makes all of it durable.
  runtime::Task<void> close();

  // What is synced, of the first epoch on disk from `from.epoch` on: up to
  // `bytes_max` bytes of records, and at least one when there is one. Zero
  // records and `next` == `from`: wait for synced(). Errors: disk_failed.
  runtime::Task<Result<UsageBatch>> read_numbered(UsagePosition from, std::size_t bytes_max);
  // Told when more is synced.
  runtime::Event& synced() { return synced_event_; }
  // The epochs on disk, ascending, each with its highest number that is synced.
  std::vector<wire::UsageStart::EpochEnd> epochs() const;
  // The meter has everything before this position. Segments that hold nothing
  // else are removed when they are older than receipt_days, or beyond bytes_max.
  void shipped(UsagePosition before);

  // The record of a request, as long as its segment is kept. Looks through files
  // away from the shard. Errors: disk_failed; overloaded when too many look.
  runtime::Task<Result<std::optional<wire::UsageClose>>> find_close(std::string request_id);
  runtime::Task<Result<std::optional<wire::UsageExec>>> find_exec(std::string request_id);

  std::size_t open_requests() const { return open_in_.size() + opening_; }
  std::uint64_t bytes_on_disk() const;  // also those made ahead
  std::uint64_t writes() const { return writes_; }

 private:
  struct Record;        // one that waits to be written; lives in append's frame
  struct UntilWritten;  // awaits it
  struct Flush final : runtime::Operation {
    explicit Flush(UsageLog& owner) : log(owner) {}
    void done() override { log.flush(); }
    UsageLog& log;
  };
  // A file of this epoch that is written to, or not yet synced.
  struct OpenSegment {
    UsageSegmentFacts facts;
    std::shared_ptr<runtime::AppendFile> file;
  };

  UsageLog(runtime::Shard& shard, UsageLogOptions options);
  runtime::Task<Status> begin(UsageRecovered recovered);

  // Writing (usage_log.cc).
  void enqueue(Record& record);
  void flush_soon();
  void flush();
  bool front_fits() const;
  bool write_front();
  void note_written(Record& record);
  void give_up_segment(const Fault& why);
  void fail_waiting(const Fault& why);
  wire::UsageSegment head_of_current() const;

  // Durability (usage_log_sync.cc).
  runtime::Task<void> sync_once();

  // Room on the disk (usage_log_room.cc).
  std::size_t room() const;
  std::size_t room_needed(wire::UsageKind kind) const;
  std::size_t room_wanted() const;
  bool has_room(wire::UsageKind kind) const;
  runtime::Task<Status> wait_for_room(wire::UsageKind kind);
  bool take_spare();
  bool start_upkeep();
  static runtime::Task<void> upkeep(UsageLog& log);
  runtime::Task<Status> make_spare();
  runtime::Task<void> remove_shipped(std::uint64_t bytes_max);
  bool may_remove_oldest(std::uint64_t bytes_max) const;
  Fault full() const;

  // Reading (usage_log_read.cc).
  std::uint64_t readable_end(const UsageSegmentFacts& segment) const;
  std::vector<const UsageSegmentFacts*> written_segments() const;  // in order of the log
  std::optional<UsageSegmentFacts> segment_with(UsagePosition from) const;
  runtime::Task<Result<std::optional<wire::UsageBody>>> find(wire::UsageKind kind,
                                                             std::string request_id,
                                                             std::uint64_t first_epoch);

  runtime::Shard& shard_;
  const UsageLogOptions options_;
  bool begun_ = false;  // earlier epochs are closed, durably

  // What waits to be written: the records, and their bytes one behind the other.
  std::deque<Record*> waiting_;
  std::string waiting_bytes_;
  std::uint64_t next_number_ = 1;
  Flush flush_operation_;
  bool flush_due_ = false;
  std::vector<Record*> ended_;  // to be told at the end of this flush

  std::map<SegmentName, UsageSegmentFacts> segments_;  // written to; without `current_`
  std::optional<OpenSegment> current_;
  std::deque<OpenSegment> spares_;    // made ahead, nothing written
  std::deque<OpenSegment> unsynced_;  // of `segments_`
  std::uint64_t next_index_ = 1;
  std::uint64_t writes_ = 0;

  // Requests with an open and no close, by the segment of the open.
  std::unordered_map<std::string, std::uint64_t> open_in_;
  std::size_t opening_ = 0;  // let in, their open not yet written

  std::uint64_t written_records_ = 0;
  std::uint64_t written_number_ = 0;
  std::uint64_t synced_records_ = 0;
  std::uint64_t synced_number_ = 0;
  SegmentName synced_segment_;
  std::uint64_t synced_end_ = 0;
  bool syncing_ = false;
  std::optional<Fault> sync_fault_;

  UsagePosition shipped_;            // everything before it
  std::optional<Fault> room_fault_;  // why there was no room when it was last asked for
  Instant room_retry_{};
  bool in_upkeep_ = false;
  std::size_t looking_ = 0;

  // Where the last batch ended, so that the next need not search.
  struct ReadPosition {
    UsagePosition next;
    SegmentName segment;
    std::uint64_t offset = 0;
  } read_to_;

  runtime::Event written_event_;
  runtime::Event synced_event_;
  runtime::Event room_event_;
  runtime::Gate upkeep_gate_;
};

}  // namespace portolan::gateway
