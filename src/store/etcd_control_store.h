#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "runtime/shard.h"
#include "store/control_store.h"
#include "store/etcd_fence.h"
#include "store/etcd_members.h"

namespace portolan::store {

inline constexpr Limit etcd_page_keys{"etcd_page_keys", 1'000, "keys of one answer"};
inline constexpr Limit etcd_range_bytes_max{"etcd_range_bytes_max", 1024 * 1024 * 1024,
                                            "keys and values of one range, over all answers"};

// A ControlStore in an etcd of its own or shared, for any number of control
// processes.
//
// Its keys stand under `prefix`/k/ there, and each object's fencing token under
// `prefix`/s/, a visitor's under `prefix`/v/. Revisions are etcd's own, so that
// they rise by others' changes, too, and higher by what stands in `prefix`/base.
//
// Lives on: one shard.  Owner: the process's root task.
class EtcdControlStore final : public ControlStore {
 public:
  struct Options {
    EtcdMembers::Options members;
    std::string prefix;  // "/portolan/<network>"
    std::uint64_t history_max = store_history_max.value;
    bool visitor = false;  // is not counted among those that use the store
  };
  // Errors: bad_configuration for a version or setting that is refused;
  // store_failed when no member answers.
  static runtime::Task<Result<std::unique_ptr<EtcdControlStore>>> open(runtime::Shard& shard,
                                                                       Options options);

  runtime::Task<Result<Range>> range(RangeRequest request) override;
  runtime::Task<Result<std::uint64_t>> commit(Transaction transaction) override;
  runtime::Task<Result<Changes>> watch(WatchRequest request, Instant deadline) override;
  runtime::Task<Result<std::uint64_t>> grant_lease(Duration ttl) override;
  runtime::Task<Status> keep_alive(std::uint64_t lease) override;
  runtime::Task<Status> revoke_lease(std::uint64_t lease) override;
  runtime::Task<Status> begin_behind(std::uint64_t revision) override;
  runtime::Task<void> close() override;

  // How many others use the store, or did until less than etcd_session_ms ago
  // and were killed.
  runtime::Task<Result<std::uint64_t>> users();

 private:
  EtcdControlStore(runtime::Shard& shard, Options options);

  runtime::Task<Result<Range>> read_pages(RangeRequest request);
  runtime::Task<Status> begin(bool visitor);
  runtime::Task<Status> read_base();
  runtime::Task<void> forget_history(std::uint64_t revision);
  std::string key_of(const std::string& key) const { return keys_ + key; }

  runtime::Shard& shard_;
  std::uint64_t history_max_;
  std::string prefix_;
  std::string keys_;  // what all keys begin with
  EtcdMembers members_;
  EtcdFence fence_;
  std::uint64_t base_ = 0;
  std::uint64_t compact_at_ = 0;  // etcd's revision at which history is forgotten next
};

}  // namespace portolan::store
