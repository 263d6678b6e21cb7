#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "control/migration_mark.h"
#include "control/state.h"
#include "runtime/shard.h"
#include "seal/sha256.h"
#include "store/control_store.h"

namespace portolan::control {

inline constexpr Limit migrate_page_keys{"migrate_page_keys", 500,
                                         "of a store that is moved: read and written at once"};
inline constexpr Limit migrate_page_bytes{
    "migrate_page_bytes", 1024 * 1024,
    "of keys and values written at once, but for one that is larger; etcd takes 1.5 MiB"};

// The keys of a store as of one revision, in order, a page at a time. The mark of a migration is
// not among them, nor what a process holds by a lease.
class StorePages {
 public:
  // At the newest revision.
  explicit StorePages(store::ControlStore& store) : store_(store) {}
  StorePages(store::ControlStore& store, std::uint64_t revision)
      : store_(store), revision_(revision) {}

  // Empty: there are no more. Errors: those of the store.
  runtime::Task<Result<std::vector<store::KeyValue>>> next();

  std::uint64_t revision() const { return revision_; }
  const std::optional<store::KeyValue>& mark() const { return mark_; }

 private:
  store::ControlStore& store_;
  std::uint64_t revision_ = 0;
  std::string after_;
  bool ended_ = false;
  std::optional<store::KeyValue> mark_;
};

// What two stores that hold the same have in common: SHA-256 over every key and
// value in order, each with its length before it ("3:key,5:value,").
class StoreDigest {
 public:
  void add(const store::KeyValue& item);
  std::string hex() const { return digest_.hex(); }
  std::uint64_t keys() const { return keys_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  seal::Sha256 digest_;
  std::uint64_t keys_ = 0;
  std::uint64_t bytes_ = 0;  // of keys and values
};

// Told now and then how many keys were read.
using SurveyProgress = std::function<void(std::uint64_t keys)>;

// What is in a store, read to its end.
struct StoreSurvey {
  std::string sha256;
  std::uint64_t keys = 0;
  std::uint64_t bytes = 0;
  std::uint64_t revision = 0;
  std::optional<store::KeyValue> mark;
  std::vector<store::KeyValue> compared;  // what changes of control hold themselves against
  State state;
};

// Errors: store_failed, naming what cannot be read; invalid_resource for an audit
// log that was changed; those of the store.
runtime::Task<Result<StoreSurvey>> survey_store(runtime::Shard& shard, store::ControlStore& store,
                                                SurveyProgress progress);

}  // namespace portolan::control
