#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "wire/frame_payload.h"

namespace portolan::wire {

// The records of a gateway's usage log (promise P4), as they stand in its
// segments and travel to the meter. What goes to the meter is numbered: from 1
// on, without a gap, in each (gateway, epoch). What only a restart needs (open,
// checkpoint) and a segment's own head have the number 0.

// The head of a segment, and of what is posted to the meter, where everything
// behind `epoch` is 0.
struct UsageSegment {
  std::string network;
  std::string gateway;
  std::uint64_t epoch = 0;
  std::uint64_t index = 0;  // of the segment in its epoch, from 1
  WallTime began;
  // This segment goes on behind byte `after_end` of segment `after_index` (0: it
  // is the first). What stands between was not written whole, and does not count.
  std::uint64_t after_index = 0;
  std::uint64_t after_end = 0;
  std::uint64_t first_number = 0;  // of the next numbered record when it began
  std::uint64_t open_from = 0;     // the segment with the oldest open that had no close then
  friend bool operator==(const UsageSegment&, const UsageSegment&) = default;
};

// Number 1 of every epoch: how far the earlier ones had come, as the disk says,
// so that a tail which was lost shows as a gap.
struct UsageStart {
  struct EpochEnd {
    std::uint64_t epoch = 0;
    std::uint64_t last = 0;  // the highest number
    friend bool operator==(const EpochEnd&, const EpochEnd&) = default;
  };
  WallTime at;
  std::vector<EpochEnd> earlier;  // ascending
  std::uint64_t crashed = 0;      // closes of a crash that follow, as numbers 2 and on
  friend bool operator==(const UsageStart&, const UsageStart&) = default;
};

// Who asked for what, and by which versions it was let in. Never content.
struct UsageRequest {
  std::string request_id;  // names the entry: <gateway id>-<epoch>-<sequence>
  std::string trace_id;
  WallTime began;  // when the head was read
  std::string org;
  std::string workspace;
  std::string key_id;
  std::string model;  // its name in the World
  std::string path;   // of the request, without its query
  bool stream = false;
  std::string scope;
  std::string entry_region;
  std::string entry_zone;
  HeldVersions versions;
  friend bool operator==(const UsageRequest&, const UsageRequest&) = default;
};

// A request was let in; stands before anything of it is forwarded.
struct UsageOpen {
  UsageRequest request;
  friend bool operator==(const UsageOpen&, const UsageOpen&) = default;
};

// What was counted so far, where; stands before what it counts is delivered.
struct UsageCheckpoint {
  std::string request_id;
  std::string executor_region;
  std::string executor_zone;
  std::string executor_gateway;
  UsageCounts counts;
  friend bool operator==(const UsageCheckpoint&, const UsageCheckpoint&) = default;
};

// The one record that a request leaves. `outcome`: completed; gateway_crash,
// written by the next process; or the name of the Code that ended it. Stands
// before the last bytes of a completed answer go out.
struct UsageClose {
  UsageRequest request;
  WallTime ended;
  std::string outcome;
  int status = 0;  // of the answer; 0: none, who asked had left or the process died
  std::string executor_region;
  std::string executor_zone;
  std::string executor_gateway;  // who can sign a receipt afterwards; empty: nobody executed it
  std::uint32_t attempts = 0;
  std::uint32_t executions = 0;
  UsageCounts counts;   // of what was delivered
  std::string receipt;  // a JWS, opaque; empty when none was asked for
  friend bool operator==(const UsageClose&, const UsageClose&) = default;
};

// What an execution cost, kept where it ran; not billed.
struct UsageExec {
  std::string request_id;
  std::string entry_gateway;
  std::string entry_zone;
  std::string workspace;
  std::string key_id;
  std::string model;
  std::string model_digest;
  std::string engine_kind;
  std::string scope;  // as in UsageRequest, as far as the executor was told
  std::string region;
  std::string zone;
  WallTime began;
  WallTime ended;
  std::string outcome;  // as in UsageClose
  UsageCounts counts;
  HeldVersions versions;
  friend bool operator==(const UsageExec&, const UsageExec&) = default;
};

using UsageBody =
    std::variant<UsageSegment, UsageStart, UsageOpen, UsageCheckpoint, UsageClose, UsageExec>;

inline constexpr std::string_view outcome_completed = "completed";
inline constexpr std::string_view outcome_crash = "gateway_crash";

enum class UsageKind : std::uint8_t { segment = 1, start, open, checkpoint, close, exec };

UsageKind kind_of(const UsageBody& body);
// "close"; empty for a kind that this version does not know.
std::string_view name_of(UsageKind kind);
// start, close and exec.
bool is_numbered(UsageKind kind);

inline constexpr std::size_t usage_header_bytes = 32;
inline constexpr std::size_t usage_alignment = 8;
inline constexpr Limit usage_record_bytes_max{"usage_record_bytes_max", 64 * 1024,
                                              "one record of a usage log, its receipt included"};

// Appends a record: {"PUL1"; u32 payload bytes; u8 kind, major, minor, zero; u32
// zero; u64 number; u64 XXH3 of the payload, seeded with the XXH3 of all before it},
// little endian; the payload, one JSON object; zeros up to a multiple of usage_alignment.
void render_usage_record(std::string& out, const UsageBody& body, std::uint64_t number);

// A record whose checksum holds, its payload not looked into. Views are into
// what it was read from; `bytes` is all of it, header and padding.
struct RawUsageRecord {
  UsageKind kind = UsageKind::segment;
  std::uint64_t number = 0;
  std::string_view payload;
  std::string_view bytes;
};

// The record that `bytes` begin with; nothing when none stands there (no bytes,
// or a header of zeros: the unwritten end of a segment). Faults: malformed_peer
// for what is torn or corrupt; unsupported_version for an unknown major.
Result<std::optional<RawUsageRecord>> read_usage_record(std::string_view bytes);

// What it says; nothing for a kind that only a newer minor has. Unknown members
// are skipped. Fault: malformed_peer.
Result<std::optional<UsageBody>> parse_usage_body(const RawUsageRecord& record);

// The first offset at or behind `from`, a multiple of usage_alignment, where a
// whole record stands; for reading on behind a damage.
std::optional<std::size_t> find_usage_record(std::string_view bytes, std::size_t from);

}  // namespace portolan::wire
