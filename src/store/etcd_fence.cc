#include "store/etcd_fence.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "runtime/combine.h"
#include "runtime/wait.h"

namespace portolan::store {
namespace {

constexpr const char* txn_path = "/v3/kv/txn";
constexpr std::uint64_t lease_seconds = etcd_session_ms.value / 1'000;

}  // namespace

EtcdFence::EtcdFence(runtime::Shard& shard, EtcdMembers& members, std::string tokens,
                     std::string keys)
    : shard_(shard),
      members_(members),
      tokens_(std::move(tokens)),
      keys_(std::move(keys)),
      turns_(shard),
      background_(shard, 1) {}

Fault EtcdFence::conflict(const Transaction& transaction, const EtcdTxnAnswer& answer) const {
  // The first one is the token.
  for (std::size_t i = 1; i < answer.compared.size() && i <= transaction.compares.size(); ++i) {
    const auto& compare = transaction.compares[i - 1];
    const auto& found = answer.compared[i];
    const std::uint64_t revision = found ? found->mod_revision : 0;
    if (revision == compare.mod_revision) continue;
    return Fault{Code::resource_conflict, Retry::later,
                 fmt::format("'{}' is at revision {}, not {}: somebody changed it meanwhile.",
                             compare.key, revision == 0 ? 0 : revision + base_,
                             compare.mod_revision == 0 ? 0 : compare.mod_revision + base_)};
  }
  return Fault{Code::malformed_peer, Retry::never,
               "etcd refuses a change and does not say which compare failed."};
}

Transaction EtcdFence::fenced(Transaction transaction, std::string value) const {
  for (auto& compare : transaction.compares) compare.key.insert(0, keys_);
  for (auto& put : transaction.puts) put.key.insert(0, keys_);
  for (auto& key : transaction.deletes) key.insert(0, keys_);
  transaction.compares.insert(transaction.compares.begin(),
                              {.key = key_, .mod_revision = revision_});
  transaction.puts.insert(transaction.puts.begin(),
                          {.key = key_, .value = std::move(value), .lease = lease_});
  return transaction;
}

// A key with a name that nobody else has; what an earlier attempt at it may
// still do is of no consequence.
runtime::Task<Status> EtcdFence::begin_session() {
  const auto wish = render_lease_grant(lease_seconds);
  CO_TRY(const auto granted, co_await members_.ask("/v3/lease/grant", wish));
  CO_TRY(const auto lease, read_lease(granted));
  std::array<unsigned char, 16> name{};
  shard_.fill_secret(name);
  std::string key = tokens_;
  for (const unsigned char byte : name) key += fmt::format("{:02x}", byte);
  Transaction first;
  first.compares.push_back({.key = key, .mod_revision = 0});
  first.puts.push_back({.key = key, .value = "0", .lease = lease.id});
  CO_TRY(const auto body, render_txn(first));
  CO_TRY(const auto told, co_await members_.tell(txn_path, body));
  CO_TRY(const auto answer, read_txn(told));
  if (!answer.succeeded) {
    co_return Fault{Code::store_failed, Retry::later, "etcd has a session of that random name."};
  }
  key_ = std::move(key);
  lease_ = lease.id;
  revision_ = answer.revision;
  open_.clear();
  if (background_.running() == 0) {
    check(background_.start(keep_alive()), "the fence is open");
  }
  co_return Status{};
}

runtime::Task<Status> EtcdFence::ready() {
  if (!open_.empty()) {
    // Whoever was told that the outcome is not known has to read anyway.
    CO_TRY(const auto outcome, co_await settle());
    if (!outcome.known && !open_.empty()) {
      co_return Fault{Code::store_failed, Retry::later,
                      "An earlier change is still on its way to etcd; try again."};
    }
  }
  if (key_.empty()) {
    CO_TRY_DO(co_await begin_session());
  }
  co_return Status{};
}

EtcdFence::Outcome EtcdFence::learn(const std::optional<KeyValue>& token) {
  const std::string wanted = std::exchange(open_, {});
  if (!token) {
    key_.clear();
    return {.known = false, .revision = {}};
  }
  revision_ = token->mod_revision;
  if (token->value != wanted) return {};
  return {.known = true, .revision = token->mod_revision};
}

// Tries to take the place of the change whose outcome is not known.
runtime::Task<Result<EtcdFence::Outcome>> EtcdFence::settle() {
  for (std::uint64_t tries = 0; tries < etcd_settle_tries_max.value; ++tries) {
    Transaction nothing;
    auto instead = fenced(std::move(nothing), fmt::format("{}", ++number_));
    CO_TRY(const auto body, render_txn(instead));
    const auto told = co_await members_.tell(txn_path, body);
    if (!told && told.error().code == Code::timed_out) continue;
    if (!told && told.error().code == Code::cancelled) co_return told.error();
    if (!told) {
      // Under another key nothing of this session can come true any more.
      key_.clear();
      open_.clear();
      co_return Outcome{.known = false, .revision = {}};
    }
    CO_TRY(auto answer, read_txn(*told));
    if (!answer.succeeded) {
      if (answer.compared.empty()) answer.compared.emplace_back();
      co_return learn(answer.compared.front());
    }
    open_.clear();
    revision_ = answer.revision;
    co_return Outcome{};
  }
  co_return Outcome{.known = false, .revision = {}};
}

// The revision; nothing when it surely has not happened and may be tried again.
runtime::Task<Result<std::optional<std::uint64_t>>> EtcdFence::attempt(Transaction transaction) {
  const Status prepared = co_await ready();
  // Nothing of the change was sent yet.
  if (!prepared && prepared.error().code == Code::timed_out)
    co_return std::optional<std::uint64_t>();
  if (!prepared) co_return prepared.error();
  const std::string value = fmt::format("{}", ++number_);
  auto whole = fenced(transaction, value);
  CO_TRY(const auto body, render_txn(whole));
  open_ = value;
  const auto told = co_await members_.tell(txn_path, body);
  if (told) {
    CO_TRY(const auto answer, read_txn(*told));
    open_.clear();
    if (answer.succeeded) {
      revision_ = answer.revision;
      co_return std::optional(answer.revision);
    }
    const bool ours = !answer.compared.empty() && answer.compared.front() &&
                      answer.compared.front()->mod_revision == revision_;
    if (ours) co_return conflict(transaction, answer);
    key_.clear();  // the session has ended
    co_return std::optional<std::uint64_t>();
  }
  if (told.error().code == Code::cancelled) co_return told.error();
  if (told.error().code != Code::timed_out) {
    open_.clear();
    co_return told.error();
  }
  const auto outcome = co_await settle();
  if (outcome && outcome->known) co_return outcome->revision;
  co_return Fault{Code::timed_out, Retry::later,
                  "Whether the change has happened is not known: etcd stopped answering while it "
                  "was on its way. Read before you make it again."};
}

runtime::Task<Result<std::uint64_t>> EtcdFence::commit_in_turn(Transaction transaction) {
  for (std::uint64_t tries = 0; tries < etcd_settle_tries_max.value; ++tries) {
    CO_TRY(const auto revision, co_await attempt(transaction));
    if (revision) co_return *revision + base_;
  }
  co_return Fault{Code::store_failed, Retry::later,
                  "etcd lost the change on its way several times; nothing of it has happened."};
}

runtime::Task<Result<std::uint64_t>> EtcdFence::commit(Transaction transaction) {
  for (auto& compare : transaction.compares) {
    if (compare.mod_revision == 0) continue;
    if (compare.mod_revision <= base_) {
      co_return Fault{Code::resource_conflict, Retry::later,
                      fmt::format("'{}' is no longer at revision {}: the store was moved since.",
                                  compare.key, compare.mod_revision)};
    }
    compare.mod_revision -= base_;
  }
  CO_TRY_DO(co_await turns_.take());
  auto revision = co_await commit_in_turn(std::move(transaction));
  turns_.end();
  co_return revision;
}

runtime::Task<Status> EtcdFence::begin() {
  CO_TRY_DO(co_await turns_.take());
  const Status begun = co_await ready();
  turns_.end();
  co_return begun;
}

runtime::Task<bool> EtcdFence::has_ended(std::uint64_t lease) {
  const auto body = render_lease(lease);
  const auto answer = co_await members_.ask("/v3/lease/keepalive", body);
  if (!answer) co_return false;
  const auto kept = read_lease(*answer);
  co_return kept && kept->ttl_seconds == 0;
}

// Another session, unless somebody has begun one meanwhile.
runtime::Task<void> EtcdFence::renew(std::uint64_t ended) {
  const Status turn = co_await turns_.take();
  if (!turn) co_return;
  if (lease_ == ended && open_.empty()) key_.clear();
  // Where it fails, the next round does it.
  (void)co_await ready();
  turns_.end();
}

// Runs until close() cancels it.
runtime::Task<void> EtcdFence::keep_alive() {
  for (;;) {
    const auto slept = co_await runtime::sleep_for(shard_, etcd_session_ms.milliseconds() / 3);
    if (!slept) co_return;
    const auto lease = lease_;
    const bool ended = co_await has_ended(lease);
    if (ended || key_.empty()) co_await renew(lease);
  }
}

runtime::Task<void> EtcdFence::close() {
  co_await background_.close();
  if (key_.empty()) co_return;
  // So that the key goes now and not when the lease ends by itself.
  const auto lease = render_lease(lease_);
  const auto revoked = co_await members_.ask("/v3/lease/revoke", lease);
  if (!revoked) shard_.report("etcd: the session ends by itself later: " + revoked.error().message);
}

}  // namespace portolan::store
