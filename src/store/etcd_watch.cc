#include "store/etcd_watch.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "runtime/combine.h"
#include "runtime/wait.h"
#include "store/etcd_messages.h"
#include "store/prefix_end.h"

namespace portolan::store {
namespace {

// Takes the lines of a watch's stream off its connection.
class Lines {
 public:
  explicit Lines(http::ClientExchange& exchange) : exchange_(exchange) {}

  // Errors: connection_closed at the stream's end; limit_exceeded.
  runtime::Task<Result<std::string>> next() {
    for (;;) {
      const auto end = buffer_.find('\n', searched_);
      if (end != std::string::npos) {
        std::string line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        searched_ = 0;
        if (line.empty()) continue;
        co_return line;
      }
      searched_ = buffer_.size();
      if (buffer_.size() > etcd_answer_bytes_max.count()) {
        co_return Fault{Code::limit_exceeded, Retry::never,
                        "One line of a watch is over etcd_answer_bytes_max."};
      }
      CO_TRY(const std::string_view piece, co_await exchange_.read_some());
      if (piece.empty()) {
        co_return Fault{Code::connection_closed, Retry::elsewhere, "etcd ended a watch."};
      }
      buffer_.append(piece);
    }
  }

 private:
  http::ClientExchange& exchange_;
  std::string buffer_;
  std::size_t searched_ = 0;
};

Fault compacted() {
  return Fault{Code::stale_version, Retry::never,
               "The changes since that revision of the store are no longer kept. Read the newest "
               "state and go on from there."};
}

// By key within a revision; what lies before `from` was asked for only so that
// etcd says whether it is compacted.
Changes take_since(std::uint64_t from, std::vector<Change> items) {
  std::erase_if(items, [&](const Change& change) { return change.mod_revision < from; });
  std::ranges::sort(items, {}, [](const Change& change) {
    return std::pair(change.mod_revision, std::string_view(change.key));
  });
  Changes changes{.items = std::move(items), .next = from};
  if (!changes.items.empty()) changes.next = changes.items.back().mod_revision + 1;
  return changes;
}

runtime::Task<Result<Changes>> read_changes(EtcdMembers& members, std::size_t member,
                                            WatchRequest request) {
  // One revision earlier than wanted: at exactly the compacted revision etcd can
  // leave out what was deleted (its issues 18089 and 19179).
  const EtcdWatch watch{.key = request.prefix,
                        .end = prefix_end(request.prefix),
                        .from = std::max<std::uint64_t>(request.from, 2) - 1};
  const auto body = render_watch(watch);
  CO_TRY(auto exchange, co_await members.open_stream(member, "/v3/watch", body));
  CO_TRY_DO(co_await exchange.read_head());
  Lines lines(exchange);
  for (;;) {
    CO_TRY(const auto line, co_await lines.next());
    CO_TRY(const auto json, wire::parse_json(line, Code::malformed_peer));
    CO_TRY(auto news, read_watch(json));
    if (news.compacted != 0) co_return compacted();
    if (news.canceled) {
      co_return Fault{Code::unreachable, Retry::elsewhere, "etcd canceled a watch."};
    }
    auto changes = take_since(request.from, std::move(news.changes));
    if (!changes.items.empty()) co_return changes;
  }
}

runtime::Task<Result<EtcdRangeAnswer>> look(EtcdMembers& members, std::size_t member,
                                            EtcdRange range) {
  const auto body = render_range(range);
  CO_TRY(const auto answer, co_await members.ask_member(member, "/v3/kv/range", body));
  co_return read_range(answer);
}

// Whether nothing under the prefix is different from what it was before
// `request.from`, as far as that member knows now, which by a linearizable read is
// everything. What lies at or below `checked` was found so before.
runtime::Task<Result<bool>> nothing_new(EtcdMembers& members, std::size_t member,
                                        WatchRequest request, std::uint64_t& checked) {
  EtcdRange whole{.key = request.prefix, .end = prefix_end(request.prefix)};
  EtcdRange newest{.key = request.prefix, .end = "", .keys_only = true};
  CO_TRY(const auto now, co_await look(members, member, newest));
  // What was restored from a copy knows less than this caller.
  if (now.revision + 1 < request.from) co_return compacted();
  if (now.revision < request.from || now.revision <= checked) co_return true;
  whole.revision = now.revision;
  whole.count_only = true;
  CO_TRY(const auto after, co_await look(members, member, whole));
  whole.revision = std::max<std::uint64_t>(request.from, 2) - 1;
  CO_TRY(const auto before, co_await look(members, member, whole));
  whole.revision = now.revision;
  whole.count_only = false;
  whole.keys_only = true;
  whole.keys_max = 1;
  whole.changed_since = request.from;
  CO_TRY(const auto changed, co_await look(members, member, whole));
  if (after.count != before.count || !changed.items.empty()) co_return false;
  checked = now.revision;
  co_return true;
}

// Returns when the member cannot vouch, or when it has what its watch has not
// brought for a while: connections can die unseen.
runtime::Task<Status> keep_vouching(runtime::Shard& shard, EtcdMembers& members, std::size_t member,
                                    WatchRequest request) {
  std::uint64_t checked = 0;
  for (;;) {
    CO_TRY(const bool heard, co_await nothing_new(members, member, request, checked));
    CO_TRY_DO(co_await runtime::sleep_for(shard, etcd_freshness_ms.milliseconds()));
    if (!heard) co_return Fault{Code::unreachable, Retry::elsewhere, "a watch of etcd is silent"};
  }
}

// At one member, until there are changes or it is of no use.
runtime::Task<Result<Changes>> watch_member(runtime::Shard& shard, EtcdMembers& members,
                                            std::size_t member, WatchRequest request) {
  auto reading = read_changes(members, member, request);
  auto vouching = keep_vouching(shard, members, member, request);
  auto raced = co_await runtime::race(std::move(reading), std::move(vouching));
  const bool changed = raced.first && raced.first->has_value();
  if (changed || raced.first_won) co_return std::move(*raced.first);
  co_return raced.other->error();
}

bool ends_the_watch(const Fault& fault) {
  return fault.code == Code::stale_version || fault.code == Code::bad_configuration ||
         fault.code == Code::limit_exceeded || fault.code == Code::cancelled ||
         fault.code == Code::deadline_exceeded;
}

Fault nobody_vouches(const Fault& last) {
  return Fault{Code::store_failed, Retry::later,
               "No member of etcd can say what is newest: " + last.message};
}

// Each member in turn, `member` being the last; a fault when all of them failed
// in a row.
runtime::Task<Result<Changes>> watch_all(runtime::Shard& shard, EtcdMembers& members,
                                         std::size_t& member, WatchRequest request) {
  const Instant patience = shard.now() + members.patience();
  for (;;) {
    member = members.preferred();
    const Instant began = shard.now();
    auto changes = co_await watch_member(shard, members, member, request);
    if (changes || ends_the_watch(changes.error())) co_return changes;
    members.pass_over(member);
    const bool stood = shard.now() - began > etcd_attempt_ms.milliseconds() * 2;
    if (!stood && shard.now() >= patience) co_return nobody_vouches(changes.error());
    CO_TRY_DO(co_await runtime::sleep_for(shard, etcd_pause_ms.milliseconds()));
  }
}

}  // namespace

runtime::Task<Result<Changes>> watch_etcd(runtime::Shard& shard, EtcdMembers& members,
                                          WatchRequest request, Instant deadline) {
  std::size_t member = members.preferred();
  auto watching = watch_all(shard, members, member, request);
  auto changes = co_await runtime::until(shard, deadline, std::move(watching));
  if (changes || changes.error().code != Code::deadline_exceeded) co_return changes;
  std::uint64_t checked = 0;
  const auto heard = co_await nothing_new(members, member, request, checked);
  if (!heard && heard.error().code == Code::stale_version) co_return heard.error();
  if (!heard) co_return nobody_vouches(heard.error());
  if (!*heard) {
    // It came at the last moment, or the watch had died.
    auto again = watch_member(shard, members, member, request);
    const Instant last = shard.now() + etcd_attempt_ms.milliseconds();
    auto late = co_await runtime::until(shard, last, std::move(again));
    if (late || late.error().code == Code::stale_version) co_return late;
    co_return nobody_vouches(late.error());
  }
  co_return Changes{.items = {}, .next = request.from};
}

}  // namespace portolan::store
