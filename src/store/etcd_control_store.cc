#include "store/etcd_control_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "store/check_transaction.h"
#include "store/etcd_messages.h"
#include "store/etcd_watch.h"
#include "store/prefix_end.h"

namespace portolan::store {
namespace {

constexpr std::uint64_t few_keys = 10;  // of an answer with values that are large
constexpr int range_tries_max = 3;      // when history is forgotten between two pages

constexpr const char* users_of = "/s/";
constexpr const char* visitors_of = "/v/";
constexpr const char* base_of = "/base";

Fault not_kept(std::uint64_t revision, std::uint64_t base) {
  return Fault{Code::stale_version, Retry::never,
               fmt::format("Revision {} of the store is no longer kept: it was moved here at {}. "
                           "Read the newest state and go on from there.",
                           revision, base)};
}

Fault lease_ended(std::uint64_t lease) {
  return Fault{Code::resource_not_found, Retry::never, fmt::format("Lease {} has ended.", lease)};
}

std::size_t bytes_of(const std::vector<KeyValue>& items) {
  std::size_t sum = 0;
  for (const auto& item : items) sum += item.key.size() + item.value.size();
  return sum;
}

// Behind which key, and how many, the next answer is to bring.
void turn_page(EtcdRange& page, const Range& read, const RangeRequest& request,
               const std::string& keys) {
  const std::string& after = read.items.empty() ? request.after : read.items.back().key;
  if (!after.empty()) page.key = std::max(page.key, keys + after + '\0');
  page.keys_max = std::min(page.keys_max, etcd_page_keys.value);
  if (request.keys_max != 0) {
    page.keys_max = std::min(page.keys_max, request.keys_max - read.items.size());
  }
}

}  // namespace

EtcdControlStore::EtcdControlStore(runtime::Shard& shard, Options options)
    : shard_(shard),
      history_max_(options.history_max),
      prefix_(options.prefix),
      keys_(prefix_ + "/k/"),
      members_(shard, std::move(options.members)),
      fence_(shard, members_, prefix_ + (options.visitor ? visitors_of : users_of), keys_) {}

runtime::Task<Result<std::unique_ptr<EtcdControlStore>>> EtcdControlStore::open(
    runtime::Shard& shard, Options options) {
  const bool visitor = options.visitor;
  std::unique_ptr<EtcdControlStore> store(new EtcdControlStore(shard, std::move(options)));
  const Status begun = co_await store->begin(visitor);
  if (!begun) {
    co_await store->close();
    co_return begun.error();
  }
  co_return store;
}

runtime::Task<Status> EtcdControlStore::begin(bool visitor) {
  CO_TRY_DO(co_await members_.accept_all());
  CO_TRY_DO(co_await read_base());
  // Whoever looks for users sees this one before its first change.
  if (!visitor) {
    CO_TRY_DO(co_await fence_.begin());
  }
  co_return Status{};
}

runtime::Task<Status> EtcdControlStore::read_base() {
  const auto body = render_range({.key = prefix_ + base_of, .end = ""});
  CO_TRY(const auto told, co_await members_.ask("/v3/kv/range", body));
  CO_TRY(const auto answer, read_range(told));
  if (answer.items.empty()) co_return Status{};
  const std::string& text = answer.items.front().value;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), base_);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) {
    co_return Fault{
        Code::store_failed, Retry::never,
        fmt::format("'{}{}' in etcd is no number. Restore a copy of the store.", prefix_, base_of)};
  }
  fence_.set_base(base_);
  co_return Status{};
}

runtime::Task<Status> EtcdControlStore::begin_behind(std::uint64_t revision) {
  RangeRequest any;
  any.keys_max = 1;
  CO_TRY(const auto keys, co_await range(std::move(any)));
  if (!keys.items.empty()) {
    co_return Fault{Code::resource_conflict, Retry::never,
                    "A store that has keys goes on behind its own revisions."};
  }
  if (keys.revision > revision) co_return Status{};
  Transaction set;
  const auto text = fmt::format("{}", revision);
  set.puts.push_back({.key = prefix_ + base_of, .value = text, .lease = 0});
  CO_TRY(const auto body, render_txn(set));
  CO_TRY_DO(co_await members_.ask("/v3/kv/txn", body));
  base_ = revision;
  fence_.set_base(base_);
  co_return Status{};
}

runtime::Task<Result<std::uint64_t>> EtcdControlStore::users() {
  const auto body = render_range({.key = prefix_ + users_of,
                                  .end = prefix_end(prefix_ + users_of),
                                  .keys_only = true,
                                  .count_only = true});
  CO_TRY(const auto told, co_await members_.ask("/v3/kv/range", body));
  CO_TRY(const auto answer, read_range(told));
  co_return answer.count;
}

runtime::Task<Result<Range>> EtcdControlStore::read_pages(RangeRequest request) {
  EtcdRange page{.key = key_of(request.prefix),
                 .end = prefix_end(key_of(request.prefix)),
                 .revision = request.revision == 0 ? 0 : request.revision - base_,
                 .keys_max = etcd_page_keys.value};
  Range range;
  std::size_t bytes = 0;
  for (;;) {
    turn_page(page, range, request, keys_);
    const auto body = render_range(page);
    const auto told = co_await members_.ask("/v3/kv/range", body);
    const bool too_large = !told && told.error().code == Code::limit_exceeded;
    if (too_large && page.keys_max > few_keys) {
      page.keys_max = few_keys;
      continue;
    }
    if (!told) co_return told.error();
    CO_TRY(auto answer, read_range(*told));
    // All pages are of one revision: that of the first.
    if (page.revision == 0) page.revision = answer.revision;
    range.revision = page.revision + base_;
    bytes += bytes_of(answer.items);
    if (bytes > etcd_range_bytes_max.count()) {
      co_return Fault{Code::limit_exceeded, Retry::never,
                      "What is read of the store is over etcd_range_bytes_max."};
    }
    const bool more = answer.more && !answer.items.empty();
    for (auto& item : answer.items) {
      item.key.erase(0, keys_.size());
      item.create_revision += base_;
      item.mod_revision += base_;
      range.items.push_back(std::move(item));
    }
    const bool full = request.keys_max != 0 && range.items.size() >= request.keys_max;
    if (!more || full) co_return range;
  }
}

runtime::Task<Result<Range>> EtcdControlStore::range(RangeRequest request) {
  shard_.assert_here();
  if (request.revision != 0 && request.revision <= base_) {
    co_return not_kept(request.revision, base_);
  }
  for (int tries = 1;; ++tries) {
    auto range = co_await read_pages(request);
    const bool newest = request.revision == 0;
    const bool stale = !range && range.error().code == Code::stale_version;
    if (!newest || !stale || tries == range_tries_max) co_return range;
  }
}

runtime::Task<Result<std::uint64_t>> EtcdControlStore::commit(Transaction transaction) {
  shard_.assert_here();
  CO_TRY_DO(check_transaction(transaction));
  CO_TRY(const auto revision, co_await fence_.commit(std::move(transaction)));
  co_await forget_history(revision - base_);
  co_return revision;
}

// A tenth at a time, so that most commits need not. Where it fails, the next
// tenth does it; that somebody else has been faster is no failure.
runtime::Task<void> EtcdControlStore::forget_history(std::uint64_t revision) {
  if (revision <= history_max_ || revision < compact_at_) co_return;
  compact_at_ = revision + history_max_ / 10;
  const auto body = render_compaction(revision - history_max_);
  const auto answer = co_await members_.ask("/v3/kv/compaction", body);
  if (answer || answer.error().code == Code::stale_version) co_return;
  shard_.report("etcd: history is not compacted: " + answer.error().message);
}

runtime::Task<Result<Changes>> EtcdControlStore::watch(WatchRequest request, Instant deadline) {
  shard_.assert_here();
  if (base_ > 0 && request.from <= base_) co_return not_kept(request.from, base_);
  request.from -= base_;
  request.prefix = key_of(request.prefix);
  CO_TRY(auto changes, co_await watch_etcd(shard_, members_, request, deadline));
  changes.next += base_;
  for (auto& change : changes.items) {
    change.key.erase(0, keys_.size());
    change.mod_revision += base_;
  }
  co_return changes;
}

runtime::Task<Result<std::uint64_t>> EtcdControlStore::grant_lease(Duration ttl) {
  // etcd counts in seconds.
  const auto milliseconds = std::max<std::int64_t>(ttl.milliseconds(), 1);
  const auto body = render_lease_grant(static_cast<std::uint64_t>((milliseconds + 999) / 1000));
  CO_TRY(const auto answer, co_await members_.ask("/v3/lease/grant", body));
  CO_TRY(const auto lease, read_lease(answer));
  co_return lease.id;
}

runtime::Task<Status> EtcdControlStore::keep_alive(std::uint64_t lease) {
  const auto body = render_lease(lease);
  CO_TRY(const auto answer, co_await members_.ask("/v3/lease/keepalive", body));
  CO_TRY(const auto kept, read_lease(answer));
  if (kept.ttl_seconds == 0) co_return lease_ended(lease);
  co_return Status{};
}

runtime::Task<Status> EtcdControlStore::revoke_lease(std::uint64_t lease) {
  const auto body = render_lease(lease);
  const auto answer = co_await members_.ask("/v3/lease/revoke", body);
  if (answer) co_return Status{};
  if (answer.error().code == Code::resource_not_found) co_return lease_ended(lease);
  co_return answer.error();
}

runtime::Task<void> EtcdControlStore::close() {
  co_await fence_.close();
  co_await members_.close();
}

}  // namespace portolan::store
