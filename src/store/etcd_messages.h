#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "store/control_store.h"
#include "wire/json_value.h"

namespace portolan::store {

// What is said to etcd's version 3 API and what it answers, in the JSON of its
// gateway: bytes in base64, 64-bit integers as strings, members that are zero or
// false left out.

inline constexpr Limit etcd_txn_width{
    "etcd_txn_width", 42,
    "operations and compares of one level; three levels of it are within etcd's --max-txn-ops 128"};
inline constexpr Limit etcd_commit_bytes_max{
    "etcd_commit_bytes_max", 8 * 1024 * 1024,
    "one change; etcd itself takes 1.5 MiB unless its --max-request-bytes says otherwise"};

struct EtcdRange {
  std::string key;
  std::string end;                  // the first key behind it; empty: `key` alone
  std::uint64_t revision = 0;       // 0: the newest
  std::uint64_t keys_max = 0;       // 0: all
  std::uint64_t changed_since = 0;  // keys changed at that revision or later; 0: all
  bool keys_only = false;
  bool count_only = false;
};
struct EtcdRangeAnswer {
  std::vector<KeyValue> items;
  std::uint64_t count = 0;     // of all keys, also those that were left out
  bool more = false;           // keys_max left some out
  std::uint64_t revision = 0;  // the newest of the store
};
std::string render_range(const EtcdRange& range);
Result<EtcdRangeAnswer> read_range(const wire::Json& answer);

// What a transaction did, or, where a compare did not hold, the keys that were
// compared as they stand.
struct EtcdTxnAnswer {
  bool succeeded = false;
  std::uint64_t revision = 0;
  std::vector<std::optional<KeyValue>> compared;  // in order; only the first has its value
};
// A put or delete that is one of many goes into a transaction within the
// transaction, which etcd's limit on operations counts by levels.
// Errors: limit_exceeded.
Result<std::string> render_txn(const Transaction& transaction);
Result<EtcdTxnAnswer> read_txn(const wire::Json& answer);

struct EtcdWatch {
  std::string key;
  std::string end;
  std::uint64_t from = 1;
};
struct EtcdNews {
  std::vector<Change> changes;
  std::uint64_t revision = 0;
  bool canceled = false;
  std::uint64_t compacted = 0;  // not zero: what was asked for is no longer kept
};
std::string render_watch(const EtcdWatch& watch);
// One line of a watch's stream.
Result<EtcdNews> read_watch(const wire::Json& line);

struct EtcdLease {
  std::uint64_t id = 0;
  std::uint64_t ttl_seconds = 0;  // 0: it has ended
};
std::string render_lease_grant(std::uint64_t ttl_seconds);
std::string render_lease(std::uint64_t id);
Result<EtcdLease> read_lease(const wire::Json& answer);

std::string render_compaction(std::uint64_t revision);

// Of any answer's header.
struct EtcdHeader {
  std::uint64_t cluster = 0;
  std::uint64_t revision = 0;
};
Result<EtcdHeader> read_header(const wire::Json& answer);

// An answer that is an error, as a Fault. `unreachable`: this member cannot, and
// nothing has happened. `timed_out`: what happened is not known. Any other code:
// etcd's own word, the same from every member.
Fault read_error(const wire::Json& answer);

}  // namespace portolan::store
