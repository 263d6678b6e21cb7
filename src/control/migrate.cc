#include "control/migrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "control/state_codec.h"
#include "runtime/combine.h"
#include "seal/text_encoding.h"
#include "world/time_text.h"

namespace portolan::control {
namespace {

using Role = MigrationMark::Role;

Fault conflict(std::string sentence) {
  return Fault{Code::resource_conflict, Retry::never, std::move(sentence)};
}

// One move, step by step. Lives in the frame of migrate_store().
class Migration {
 public:
  Migration(runtime::Shard& shard, store::ControlStore& source, StoreSurvey survey,
            store::ControlStore& target, MigrateOrder order, MigrateProgress progress)
      : shard_(shard),
        source_(source),
        survey_(std::move(survey)),
        target_(target),
        order_(std::move(order)),
        progress_(std::move(progress)) {}

  // What an earlier run has left, if that was one of this move.
  runtime::Task<Status> look_at_target();
  // Until the target holds what the source does.
  runtime::Task<Status> copy();
  runtime::Task<Status> hand_over();
  Migrated done() const;

 private:
  runtime::Task<Status> clear();
  runtime::Task<Status> begin();
  runtime::Task<Status> fill();
  runtime::Task<Status> compare();
  runtime::Task<Status> copy_all();
  Status judge(const std::optional<MigrationMark>& there, bool empty);
  runtime::Task<Status> mark_source();
  std::string mark(Role role) const;
  bool is_compared(const store::KeyValue& item) const {
    return std::ranges::any_of(survey_.compared,
                               [&](const auto& compared) { return compared.key == item.key; });
  }
  store::Transaction::Compare held() const {
    return {.key = std::string(migration_key), .mod_revision = mark_revision_};
  }

  runtime::Shard& shard_;
  store::ControlStore& source_;
  StoreSurvey survey_;
  store::ControlStore& target_;
  MigrateOrder order_;
  MigrateProgress progress_;
  std::optional<MigrationMark> moved_;  // what the source says of itself
  std::string id_;
  std::uint64_t mark_revision_ = 0;  // of the target's mark; 0: there is none
  std::string target_sha256_;
};

runtime::Task<Status> Migration::look_at_target() {
  if (survey_.mark) {
    CO_TRY(moved_, parse_mark(survey_.mark->value));
  }
  store::RangeRequest first;
  first.keys_max = 1;
  CO_TRY(const auto any, co_await target_.range(std::move(first)));
  store::RangeRequest marks;
  marks.prefix = migration_key;
  CO_TRY(const auto marked, co_await target_.range(std::move(marks)));
  CO_TRY(const auto there, find_mark(marked));
  if (there) mark_revision_ = marked.items.front().mod_revision;
  CO_TRY_DO(judge(there, any.items.empty()));
  if (moved_) {
    id_ = moved_->id;
    co_return Status{};
  }
  std::array<unsigned char, 16> name{};
  shard_.fill_secret(name);
  id_ = seal::render_hex(name);
  co_return Status{};
}

Status Migration::judge(const std::optional<MigrationMark>& there, bool empty) {
  const bool filling = there && there->role == Role::target;
  if (moved_ && !(filling && there->id == moved_->id)) {
    return conflict(
        fmt::format("{} was moved to {} already ({}). Nothing was changed. Start "
                    "control on that one.",
                    order_.source, moved_->other, moved_->time));
  }
  if (!there && !empty) {
    return conflict(
        fmt::format("{} has a store already. Nothing was changed. Take another place, "
                    "or remove what is there if nobody needs it.",
                    order_.target));
  }
  if (there && !filling) {
    return conflict(
        fmt::format("{} holds what was moved from there to {} ({}). Nothing was "
                    "changed. Take another place, or remove what is there if nobody "
                    "needs it.",
                    order_.target, there->other, there->time));
  }
  if (filling && !moved_ && there->other != order_.source) {
    return conflict(
        fmt::format("{} is being filled from {} (since {}). Nothing was changed. Run "
                    "that again, or remove what is there.",
                    order_.target, there->other, there->time));
  }
  return {};
}

std::string Migration::mark(Role role) const {
  return render_mark({.role = role,
                      .id = id_,
                      .other = role == Role::target ? order_.source : order_.target,
                      .time = world::render_date(shard_.wall_now())});
}

// What an earlier run has written, its mark last.
runtime::Task<Status> Migration::clear() {
  if (mark_revision_ == 0) co_return Status{};
  StorePages pages(target_);
  std::uint64_t keys = 0;
  for (;;) {
    CO_TRY(const auto items, co_await pages.next());
    store::Transaction wipe;
    wipe.compares.push_back(held());
    for (const auto& item : items) wipe.deletes.push_back(item.key);
    if (items.empty()) wipe.deletes.emplace_back(migration_key);
    CO_TRY_DO(co_await target_.commit(std::move(wipe)));
    if (items.empty()) co_return Status{};
    keys += items.size();
    progress_("removing what an earlier run has written", keys, keys);
  }
}

// With the keys that a control's first change holds itself against: one that has
// started meanwhile comes to nothing.
runtime::Task<Status> Migration::begin() {
  CO_TRY_DO(co_await target_.begin_behind(survey_.revision));
  store::Transaction first;
  first.compares.push_back({.key = std::string(migration_key), .mod_revision = 0});
  first.puts.push_back(
      {.key = std::string(migration_key), .value = mark(Role::target), .lease = 0});
  for (const auto& item : survey_.compared) {
    first.compares.push_back({.key = item.key, .mod_revision = 0});
    first.puts.push_back({.key = item.key, .value = item.value, .lease = 0});
  }
  CO_TRY(mark_revision_, co_await target_.commit(std::move(first)));
  co_return Status{};
}

runtime::Task<Status> Migration::fill() {
  StorePages pages(source_, survey_.revision);
  std::uint64_t keys = 0;
  for (;;) {
    CO_TRY(auto items, co_await pages.next());
    if (items.empty()) co_return Status{};
    keys += items.size();
    std::size_t bytes = 0;
    store::Transaction some;
    for (auto& item : items) {
      if (is_compared(item)) continue;
      const auto size = item.key.size() + item.value.size();
      if (!some.puts.empty() && bytes + size > migrate_page_bytes.count()) {
        some.compares.push_back(held());
        CO_TRY_DO(co_await target_.commit(std::exchange(some, {})));
        bytes = 0;
      }
      bytes += size;
      some.puts.push_back({.key = std::move(item.key), .value = std::move(item.value), .lease = 0});
    }
    some.compares.push_back(held());
    CO_TRY_DO(co_await target_.commit(std::move(some)));
    progress_("writing", keys, survey_.keys);
  }
}

runtime::Task<Status> Migration::compare() {
  auto told = [this](std::uint64_t keys) { progress_("comparing", keys, survey_.keys); };
  CO_TRY(const auto there, co_await survey_store(shard_, target_, std::move(told)));
  target_sha256_ = there.sha256;
  if (there.sha256 == survey_.sha256) co_return Status{};
  co_return Fault{Code::store_failed, Retry::never,
                  fmt::format("What is in the target now is not what is in the source (SHA-256 {} "
                              "and {}): somebody else writes to it.",
                              there.sha256, survey_.sha256)};
}

runtime::Task<Status> Migration::copy_all() {
  if (!moved_) {
    CO_TRY_DO(co_await clear());
    CO_TRY_DO(co_await begin());
    CO_TRY_DO(co_await fill());
  }
  const Status same = co_await compare();
  co_return same;
}

runtime::Task<Status> Migration::copy() {
  const Status copied = co_await copy_all();
  if (copied) co_return Status{};
  auto fault = copied.error();
  if (fault.code == Code::cancelled) fault.message = "It was stopped.";
  fault.message += fmt::format(
      " Nothing was moved: {} is as it was. Of what was written to {} no control makes use. Run "
      "this again, which begins anew there.",
      order_.source, order_.target);
  co_return fault;
}

runtime::Task<Status> Migration::mark_source() {
  store::Transaction last;
  last.compares.push_back({.key = std::string(migration_key), .mod_revision = 0});
  last.puts.push_back({.key = std::string(migration_key), .value = mark(Role::source), .lease = 0});
  // Written again as they are, so that a control that has not seen this yet fails.
  for (const auto& item : survey_.compared) {
    last.compares.push_back({.key = item.key, .mod_revision = item.mod_revision});
    last.puts.push_back({.key = item.key, .value = item.value, .lease = 0});
  }
  const auto marked = co_await source_.commit(std::move(last));
  if (marked) co_return Status{};
  if (marked.error().code != Code::resource_conflict) co_return marked.error();
  co_return conflict(
      fmt::format("Somebody changed {} meanwhile. It was not moved. Stop every "
                  "control that uses it, and run this again.",
                  order_.source));
}

runtime::Task<Status> Migration::hand_over() {
  if (!moved_) {
    CO_TRY_DO(co_await mark_source());
  }
  store::Transaction free;
  free.compares.push_back(held());
  free.deletes.emplace_back(migration_key);
  const auto freed = co_await target_.commit(std::move(free));
  if (freed) co_return Status{};
  auto fault = freed.error();
  fault.message += fmt::format(
      " All of it is in {}, but no control starts there yet: run this "
      "again.",
      order_.target);
  co_return fault;
}

Migrated Migration::done() const {
  return {.numbers = survey_.state.numbers,
          .audit = survey_.state.audit.head,
          .keys = survey_.keys,
          .bytes = survey_.bytes,
          .source_sha256 = survey_.sha256,
          .target_sha256 = target_sha256_};
}

Status check_source(const StoreSurvey& survey, const MigrateOrder& order) {
  const auto& numbers = survey.state.numbers;
  if (survey.state.revision == 0) {
    return Fault{
        Code::resource_not_found, Retry::never,
        fmt::format("{} holds no state of a control: there is nothing to move.", order.source)};
  }
  if (numbers.network == order.network) return {};
  return Fault{Code::bad_configuration, Retry::never,
               fmt::format("{} belongs to the network '{}', not '{}'.", order.source,
                           numbers.network, order.network)};
}

// Before it is read: what is half there cannot be.
runtime::Task<Status> check_whole(store::ControlStore& source, MigrateOrder order) {
  store::RangeRequest marks;
  marks.prefix = migration_key;
  CO_TRY(const auto marked, co_await source.range(std::move(marks)));
  CO_TRY(const auto mark, find_mark(marked));
  if (!mark || mark->role == Role::source) co_return Status{};
  co_return conflict(
      fmt::format("{} is being filled from {} (since {}) and is not whole. Run that "
                  "again first.",
                  order.source, mark->other, mark->time));
}

}  // namespace

runtime::Task<Result<StoreSurvey>> survey_source(runtime::Shard& shard, store::ControlStore& source,
                                                 MigrateOrder order, MigrateProgress progress) {
  CO_TRY_DO(co_await check_whole(source, order));
  auto told = [progress](std::uint64_t keys) { progress("reading", keys, 0); };
  auto survey = co_await survey_store(shard, source, std::move(told));
  if (!survey && survey.error().code == Code::cancelled) {
    co_return Fault{Code::cancelled, Retry::later, "It was stopped before anything was written."};
  }
  if (!survey) co_return survey.error();
  CO_TRY_DO(check_source(*survey, order));
  co_return survey;
}

runtime::Task<Result<Migrated>> migrate_store(runtime::Shard& shard, store::ControlStore& source,
                                              StoreSurvey survey, store::ControlStore& target,
                                              MigrateOrder order, MigrateProgress progress) {
  Migration migration(shard, source, std::move(survey), target, std::move(order),
                      std::move(progress));
  CO_TRY_DO(co_await migration.look_at_target());
  CO_TRY_DO(co_await migration.copy());
  // Short, and what it leaves half done a second run has to end.
  auto handing_over = migration.hand_over();
  CO_TRY_DO(co_await runtime::uncancelled(std::move(handing_over)));
  co_return migration.done();
}

}  // namespace portolan::control
