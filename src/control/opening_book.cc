#include "control/opening_book.h"

#include <fmt/format.h>

namespace portolan::control {
namespace {

store::Transaction transaction_of(const KeptOpening& kept) {
  store::Transaction transaction;
  auto key = opening_key(kept.record.name);
  transaction.compares.push_back({.key = key, .mod_revision = kept.revision});
  transaction.puts.push_back(
      {.key = std::move(key), .value = render_opening(kept.record), .lease = 0});
  return transaction;
}

Fault later(const Fault& fault) {
  if (fault.code != Code::resource_conflict) return fault;
  return {Code::resource_conflict, Retry::later,
          "Somebody else has changed this opening meanwhile. Look at it and try again."};
}

}  // namespace

runtime::Task<Result<std::vector<KeptOpening>>> OpeningBook::read() {
  std::string prefix(opening_prefix);
  auto all = co_await read_from(std::move(prefix));
  co_return all;
}

runtime::Task<Result<std::vector<KeptOpening>>> OpeningBook::read_from(std::string prefix) {
  store::RangeRequest request;
  request.prefix = std::move(prefix);
  CO_TRY(const auto range, co_await store_.range(std::move(request)));
  std::vector<KeptOpening> all;
  for (const auto& item : range.items) {
    auto record = parse_opening(item.value);
    if (record) {
      all.push_back({std::move(*record), item.mod_revision});
      continue;
    }
    if (record.error().code == Code::unsupported_version) co_return record.error();
    co_return Fault{
        Code::store_failed, Retry::never,
        fmt::format("The store's '{}' cannot be read: {}", item.key, record.error().message)};
  }
  co_return all;
}

runtime::Task<Result<std::optional<KeptOpening>>> OpeningBook::find(std::string name) {
  auto key = opening_key(name);
  CO_TRY(auto all, co_await read_from(std::move(key)));
  for (auto& kept : all) {
    if (kept.record.name == name) co_return std::optional(std::move(kept));
  }
  co_return std::optional<KeptOpening>();
}

runtime::Task<Status> OpeningBook::put(KeptOpening& kept, std::string done, Actor by) {
  kept.record.changed = shard_.wall_now();
  auto transaction = transaction_of(kept);
  if (by.reason.empty()) by.reason = kept.record.why;
  if (by.reason.size() > audit_reason_bytes_max.count()) {
    by.reason.resize(audit_reason_bytes_max.count());
  }
  AuditFacts facts{.act = Act::opening,
                   .by = std::move(by),
                   .time = {},
                   .numbers = {},
                   .things = {{"Opening", kept.record.name, std::move(done)}}};
  const auto revision = co_await control_.commit_beside(std::move(transaction), std::move(facts));
  if (!revision) co_return later(revision.error());
  kept.revision = *revision;
  co_return Status{};
}

runtime::Task<Status> OpeningBook::save(KeptOpening& kept) {
  kept.record.changed = shard_.wall_now();
  auto transaction = transaction_of(kept);
  const auto revision = co_await store_.commit(std::move(transaction));
  if (!revision) co_return later(revision.error());
  kept.revision = *revision;
  co_return Status{};
}

}  // namespace portolan::control
