#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "etcd_cluster.h"
#include "runtime/epoll_shard.h"
#include "runtime/wait.h"
#include "store/etcd_control_store.h"
#include "store/sqlite_control_store.h"

// For the truths of every ControlStore: what it stands on, and short ways to say
// what is done with it.
namespace portolan::store::testing {

using runtime::EpollShard;
using runtime::Task;

constexpr std::uint64_t small_history = 10;

enum class BackEnd { sqlite, etcd };

// A part of the cluster's keys that nobody else has.
inline std::string fresh_prefix() {
  static int count = 0;
  return "/test/" + std::to_string(++count);
}

inline EtcdControlStore::Options etcd_options(std::vector<runtime::Address> addresses,
                                              std::string prefix) {
  return {
      .members = {.addresses = std::move(addresses), .credentials = nullptr, .stranger = nullptr},
      .prefix = std::move(prefix)};
}

inline Task<std::unique_ptr<ControlStore>> open_etcd(runtime::Shard& shard,
                                                     EtcdControlStore::Options options) {
  auto opened = co_await EtcdControlStore::open(shard, std::move(options));
  check(opened.has_value(), "a store in etcd opens");
  co_return std::unique_ptr<ControlStore>(std::move(*opened));
}

inline Task<std::unique_ptr<ControlStore>> open_sqlite(runtime::Shard& shard,
                                                       std::uint64_t history_max) {
  SqliteControlStore::Options options;
  options.path = ":memory:";
  options.history_max = history_max;
  auto opened = co_await SqliteControlStore::open(shard, options);
  check(opened.has_value(), "a store in memory opens");
  co_return std::unique_ptr<ControlStore>(std::move(*opened));
}

inline Transaction put(std::string key, std::string value, std::uint64_t lease = 0) {
  Transaction transaction;
  transaction.puts.push_back({.key = std::move(key), .value = std::move(value), .lease = lease});
  return transaction;
}

inline Transaction remove(std::string key) {
  Transaction transaction;
  transaction.deletes.push_back(std::move(key));
  return transaction;
}

// The revision that the change got.
inline Task<std::uint64_t> keep(ControlStore& store, Transaction transaction) {
  const auto revision = co_await store.commit(std::move(transaction));
  check(revision.has_value(), "the store takes a change");
  co_return *revision;
}

inline Task<std::uint64_t> keep(ControlStore& store, const char* key, const char* value) {
  const auto revision = co_await keep(store, put(key, value));
  co_return revision;
}

inline Task<Range> read(ControlStore& store, std::string prefix, std::uint64_t revision = 0) {
  RangeRequest request{std::move(prefix), revision};
  auto range = co_await store.range(std::move(request));
  check(range.has_value(), "the store answers");
  co_return *range;
}

inline Task<void> nap(runtime::Shard& shard, Duration span) {
  const auto slept = co_await runtime::sleep_for(shard, span);
  check(slept.has_value(), "nobody cancels this");
}

inline Instant soon(runtime::Shard& shard) { return shard.now() + Duration::seconds(100); }

}  // namespace portolan::store::testing
