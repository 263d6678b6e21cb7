#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "runtime/task.h"
#include "wire/usage_record.h"

namespace portolan::store {

inline constexpr Limit ledger_page_rows_max{"ledger_page_rows_max", 1'000,
                                            "rows of one answer; more are asked for page by page"};
inline constexpr Limit ledger_tokens_max{"ledger_tokens_max", 1'000'000'000'000,
                                         "of one kind in one record; more is kept as this many"};
inline constexpr Limit ledger_number_max{"ledger_number_max", std::uint64_t{1} << 53,
                                         "epochs and numbers of records beyond it are forged"};

// Numbered records of one epoch of one gateway, as they stood in its usage log.
struct LedgerBatch {
  struct Entry {
    std::uint64_t number = 0;
    wire::UsageBody body;  // start, close or exec
    std::string bytes;     // of the whole record
    std::string digest;    // of `bytes`: what tells one record from another
  };
  std::string gateway;
  std::string zone;  // where it stands
  std::uint64_t epoch = 0;
  WallTime received;
  std::vector<Entry> entries;
};

// Numbers that a gateway has written and the ledger has not got.
struct LedgerGap {
  std::string gateway;
  std::uint64_t epoch = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  WallTime since;  // when it showed
  friend bool operator==(const LedgerGap&, const LedgerGap&) = default;
};

// A record that says something else than one which was there before it. The
// first one stays what is billed.
struct LedgerConflict {
  std::string gateway;
  std::uint64_t epoch = 0;
  std::uint64_t number = 0;
  std::string digest;
  std::string request_id;  // empty for a start
  std::string reason;      // same_number, same_request
  WallTime received;
  std::string bytes;  // of the record that was not counted
  friend bool operator==(const LedgerConflict&, const LedgerConflict&) = default;
};

// What became of a batch.
struct LedgerTaken {
  std::uint64_t added = 0;
  std::uint64_t repeated = 0;   // were there already, the same
  std::uint64_t conflicts = 0;  // new ones
  std::uint64_t through = 0;    // every number of that epoch up to here is there
  std::uint64_t known = 0;      // the highest number that is known to exist
  std::vector<LedgerGap> opened;
  std::vector<LedgerGap> filled;
  std::vector<LedgerGap> missing;  // all of that gateway, at most a page
};

// How far the ledger has heard a gateway.
struct LedgerGateway {
  std::string gateway;
  std::string zone;
  std::uint64_t epoch = 0;  // the newest
  std::uint64_t known = 0;  // of that epoch
  WallTime received;        // its last new record
  friend bool operator==(const LedgerGateway&, const LedgerGateway&) = default;
};

// The state of the ledger as a whole.
struct LedgerStatus {
  std::uint64_t requests = 0;
  std::uint64_t executions = 0;
  std::uint64_t conflicts = 0;
  std::uint64_t gaps = 0;
  std::uint64_t missing = 0;            // numbers in gaps
  std::vector<LedgerGateway> gateways;  // by name
};

// What requests are told apart by. `region` and `zone` are the executor's, hour
// and day those in which a request began, UTC.
enum class UsageField : std::uint8_t {
  org,
  workspace,
  key,
  model,
  region,
  zone,
  entry_region,
  hour,
  day,
};
std::string_view name_of(UsageField field);
std::optional<UsageField> usage_field_named(std::string_view name);

struct LedgerQuery {
  std::vector<UsageField> by{};                               // no field twice
  std::vector<std::pair<UsageField, std::string>> filters{};  // of one field: any of its values
  std::optional<WallTime> from{};                             // a request that began then is in
  std::optional<WallTime> until{};                            // and one that began then is not
  std::vector<std::string> after{};  // the group behind which to go on; empty: from the first
  std::size_t rows_max = ledger_page_rows_max.count();
};

struct LedgerRow {
  std::vector<std::string> group;  // a value for each of `by`; an hour is 2026-01-01T05:00:00Z
  std::uint64_t requests = 0;
  std::uint64_t prompt_tokens = 0;
  std::uint64_t cached_tokens = 0;
  std::uint64_t completion_tokens = 0;
  std::uint64_t estimated = 0;                    // requests counted by us
  std::map<std::string, std::uint64_t> outcomes;  // requests by outcome
  friend bool operator==(const LedgerRow&, const LedgerRow&) = default;
};
struct LedgerPage {
  std::vector<LedgerRow> rows;  // by group, ascending
  bool more = false;            // behind the last one
};

// The one record of a request, as far as it is billed.
struct LedgerRequest {
  std::string id{};
  std::string workspace{};
  std::string model{};
  bool streamed = false;
  std::string entry_zone{};
  std::string zone{};  // that computed it; empty: none did
  std::string outcome{};
  std::uint64_t status = 0;  // of the answer; 0: none
  std::uint64_t prompt_tokens = 0;
  std::uint64_t cached_tokens = 0;
  std::uint64_t completion_tokens = 0;
  bool estimated = false;  // counted by us
  friend bool operator==(const LedgerRequest&, const LedgerRequest&) = default;
};

// Where usage ends up, counted once (promise P4): the same record again is
// nothing, for ever; another one in its place is a conflict.
//
// Lives on: one shard.  Owner: the process's root task, which awaits close()
// before it destroys it.
// Errors of every call: store_failed, disk_full, disk_failed (then nothing of
// the call has happened), cancelled.
class LedgerStore {
 public:
  LedgerStore() = default;
  LedgerStore(const LedgerStore&) = delete;
  LedgerStore& operator=(const LedgerStore&) = delete;
  virtual ~LedgerStore() = default;

  // The whole batch or nothing of it; it is on disk when this returns. One without
  // entries asks how far the ledger is.
  virtual runtime::Task<Result<LedgerTaken>> take(LedgerBatch batch) = 0;
  virtual runtime::Task<Result<LedgerPage>> query(LedgerQuery query) = 0;
  // The oldest first, at most a page.
  virtual runtime::Task<Result<std::vector<LedgerGap>>> gaps() = 0;
  // The newest first, at most a page.
  virtual runtime::Task<Result<std::vector<LedgerConflict>>> conflicts() = 0;
  virtual runtime::Task<Result<LedgerStatus>> status() = 0;
  // Nothing where the ledger has not got it, or not yet.
  virtual runtime::Task<Result<std::optional<LedgerRequest>>> find_request(std::string id) = 0;

  virtual runtime::Task<void> close() = 0;
};

}  // namespace portolan::store
