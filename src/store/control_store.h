#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "runtime/task.h"

namespace portolan::store {

inline constexpr Limit store_value_bytes_max{"store_value_bytes_max", 1024 * 1024,
                                             "one value; etcd takes 1.5 MiB a request"};
inline constexpr Limit store_changes_max{"store_changes_max", 50'000,
                                         "keys that one compare-and-set changes"};
inline constexpr Limit store_history_max{"store_history_max", 10'000,
                                         "revisions that can be read and watched from"};
inline constexpr Limit store_watch_batch_max{"store_watch_batch_max", 1'000,
                                             "changes of one answer, but for whole revisions"};

// A key as it stands at some revision.
struct KeyValue {
  std::string key;
  std::string value;
  std::uint64_t create_revision = 0;  // since when it has been there without a break
  std::uint64_t mod_revision = 0;     // of its last change
  friend bool operator==(const KeyValue&, const KeyValue&) = default;
};

struct RangeRequest {
  std::string prefix;          // empty: every key
  std::uint64_t revision = 0;  // 0: the newest
  std::string after{};         // only keys behind this one
  std::uint64_t keys_max = 0;  // at most so many, the first ones; 0: all
};
struct Range {
  std::vector<KeyValue> items;  // by key, ascending
  std::uint64_t revision = 0;   // as of which this is the whole truth
  friend bool operator==(const Range&, const Range&) = default;
};

// Several changes that come true together or not at all.
struct Transaction {
  struct Compare {
    std::string key;
    std::uint64_t mod_revision = 0;  // 0: the key is not there
  };
  struct Put {
    std::string key;
    std::string value;
    std::uint64_t lease = 0;  // 0: none
  };
  std::vector<Compare> compares;
  std::vector<Put> puts;
  std::vector<std::string> deletes;  // no key twice among puts and deletes
};

struct WatchRequest {
  std::string prefix;
  std::uint64_t from = 1;  // the first revision of interest
};
struct Change {
  std::string key;
  std::optional<std::string> value;  // nothing: deleted
  std::uint64_t mod_revision = 0;
  friend bool operator==(const Change&, const Change&) = default;
};
struct Changes {
  std::vector<Change> items;  // by revision, then key; no revision is in two answers
  std::uint64_t next = 0;     // watch on from here
  friend bool operator==(const Changes&, const Changes&) = default;
};

// Where control keeps its state: keys and values, every change of which gets the
// next revision of one sequence. What etcd's version 3 API gives, in the forms
// that are used of it.
//
// Lives on: one shard.  Owner: the process's root task, which awaits close()
// before it destroys it.
// Errors of every call: store_failed, disk_full, disk_failed (then nothing of
// the call has happened), cancelled; timed_out where it is not known whether it
// has, so that who called has to read before it tries again.
class ControlStore {
 public:
  ControlStore() = default;
  ControlStore(const ControlStore&) = delete;
  ControlStore& operator=(const ControlStore&) = delete;
  virtual ~ControlStore() = default;

  // Errors: stale_version for a revision that is no longer kept,
  // invalid_parameter for one that is still to come.
  virtual runtime::Task<Result<Range>> range(RangeRequest request) = 0;

  // The revision that the changes got; the newest one when nothing changed.
  // Errors: resource_conflict when a compare does not hold, naming the key;
  // resource_not_found for a lease that has ended; limit_exceeded.
  virtual runtime::Task<Result<std::uint64_t>> commit(Transaction transaction) = 0;

  // The changes since `from`; waits for the first, and has none at `deadline`.
  // Errors: stale_version as range().
  virtual runtime::Task<Result<Changes>> watch(WatchRequest request, Instant deadline) = 0;

  // A lease ends `ttl` after it was granted or last kept alive; the keys that
  // were put with it are deleted then. A restart counts as kept alive.
  virtual runtime::Task<Result<std::uint64_t>> grant_lease(Duration ttl) = 0;
  // Errors: resource_not_found when it has ended.
  virtual runtime::Task<Status> keep_alive(std::uint64_t lease) = 0;
  virtual runtime::Task<Status> revoke_lease(std::uint64_t lease) = 0;

  // Every revision from now on is behind this one, so that what is moved here
  // never has the number of an earlier state of it. For a store without keys that
  // nobody else has open. Errors: resource_conflict where there are keys.
  virtual runtime::Task<Status> begin_behind(std::uint64_t revision) = 0;

  // Ends what it does by itself. Nobody else waits here any more.
  virtual runtime::Task<void> close() = 0;
};

}  // namespace portolan::store
